// Checked builds: what a thread does to an object of another is told, also if the thread has made no object itself.
#include <csignal>
#include <cstring>
#include <krait/object.hpp>
#include <optional>
#include <thread>
#include <unistd.h>

namespace {
struct leaf {
    int x = 0;
};

template <class F>
void elsewhere(F f) {
    std::thread(f).join();
}
} // namespace

int main(int, char** arguments) {
    std::signal(SIGABRT, [](int) { _exit(0); });
    const char* const what = arguments[1];
    const auto is = [&](const char* name) { return std::strcmp(what, name) == 0; };
    auto mine = krait::make<leaf>();
    krait::weak<leaf> weak = mine;
    krait::weak<leaf> called(mine, [](krait::weak<leaf>&) {});
    if (is("copy")) elsewhere([&] { const auto copy = mine; });
    if (is("drop")) elsewhere([&] { mine.reset(); });
    if (is("copy_with_heap"))
        elsewhere([&] {
            krait::make<leaf>();
            const auto copy = mine;
        });
    if (is("copy_weak")) elsewhere([&] { const auto copy = weak; });
    if (is("copy_called_weak")) elsewhere([&] { const auto copy = called; });
    if (is("drop_weak")) elsewhere([&] { weak.reset(); });
    if (is("lock_weak")) elsewhere([&] { weak.lock(); });
    if (is("make_weak")) elsewhere([&] { const krait::weak<leaf> other = mine; });
    if (is("drop_dead_weak")) {
        mine.reset();
        elsewhere([&] { weak.reset(); });
    }
    return 1;
}
