// Checked builds: a cursor used after its object's death.
#include <csignal>
#include <krait/object.hpp>
#include <unistd.h>

namespace {
struct leaf {
    int x = 0;
};
} // namespace

int main() {
    std::signal(SIGABRT, [](int) { _exit(0); });
    auto object = krait::make<leaf>();
    const krait::cursor<leaf> cursor = object;
    const int before = cursor->x;
    object.reset();
    return before + cursor->x;
}
