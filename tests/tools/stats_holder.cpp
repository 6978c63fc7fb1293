// Fills krait's heap in two threads, prints what krait itself says of it, and holds still until its input ends.
#include <krait/krait.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#ifndef HOLDER_IS_LINKED
extern "C" __attribute__((weak)) void krait_stats_print(int descriptor);
#endif

namespace {

std::vector<void*> fill(unsigned seed) {
    std::vector<void*> blocks;
    for (unsigned i = 0; i < 60'000; ++i) blocks.push_back(std::malloc(1 + (seed + i * 7919u) % 700));
    for (unsigned i = 0; i < blocks.size(); i += 3) std::free(std::exchange(blocks[i], nullptr));
    return blocks;
}

// Leaves arenas behind that went back, with pages that are kept.
void come_and_go() {
    std::vector<void*> blocks;
    for (unsigned i = 0; i < 10'000; ++i) blocks.push_back(std::malloc(512));
    for (void* const each : blocks) std::free(each);
}

} // namespace

int main() {
    std::array<int, 2> hold;
#ifndef HOLDER_IS_LINKED
    if (krait_stats_print == nullptr) return 1;
#endif
    if (pipe(hold.data()) != 0) return 1;
    std::vector<void*> of_thread;
    std::thread ended([&] { of_thread = fill(1); });
    ended.join();
    std::atomic<bool> filled{false};
    std::thread waiting([&] {
        const std::vector<void*> held = fill(2);
        filled = true;
        filled.notify_one();
        char byte;
        if (read(hold[0], &byte, 1) != 0) std::abort();
    });
    const std::vector<void*> held = fill(3);
    filled.wait(false); // the other thread allocates no more
    come_and_go();
    krait_stats_print(STDOUT_FILENO);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    close(hold[1]);
    waiting.join();
}
