// Checked builds: a reference copied by a thread that does not own the object.
#include <csignal>
#include <krait/object.hpp>
#include <thread>
#include <unistd.h>

namespace {
struct leaf {
    int x = 0;
};
} // namespace

int main() {
    std::signal(SIGABRT, [](int) { _exit(0); });
    const auto mine = krait::make<leaf>();
    std::thread([&] {
        krait::make<leaf>();
        const auto copy = mine;
    }).join();
}
