// A program of which the tests of krait trace know everything: sizes, lines and functions. Compiled with -O2 -g.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

void* volatile kept[64];
int kept_count = 0;

// Inlined into its caller.
[[gnu::always_inline]] inline void* inlined_allocation(std::size_t bytes) {
    void* block = std::malloc(bytes); // LINE inlined
    std::memset(block, 1, bytes);
    return block;
}

[[gnu::noinline]] void keep(std::size_t bytes) {
    kept[kept_count++] = inlined_allocation(bytes); // LINE keep
}

[[gnu::noinline]] void raise_peak() {
    std::vector<void*> blocks;
    blocks.reserve(8);
    for (int i = 0; i < 8; ++i) blocks.push_back(inlined_allocation(1000000)); // LINE peak
    for (void* block : blocks) std::free(block);
}

[[gnu::noinline]] void waste() {
    for (int i = 0; i < 5000; ++i) {
        void* volatile block = std::malloc(24); // LINE waste
        std::free(block);
    }
}

[[gnu::noinline]] void answer() {
    void* volatile block = inlined_allocation(3000); // LINE answer
    block = nullptr;                                 // kept for good
    static_cast<void>(block);
}

// Ten blocks more for each line that comes, and a word when they are there.
void serve() {
    for (int next; (next = std::getchar()) != EOF;) {
        if (next != '\n') continue;
        for (int i = 0; i < 10; ++i) answer();
        std::puts("done");
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char** argv) {
    const int blocks = argc > 1 ? std::atoi(argv[1]) : 3;
    for (int i = 0; i < blocks; ++i) keep(100000);
    raise_peak();
    std::thread(waste).join();
    if (argc > 3) serve();
    return argc > 2 ? std::atoi(argv[2]) : 0;
}
