// Holds far more than KRAIT_LIMIT=64M, frees it between blocks that stay, and goes on: before long what is free has
// gone back, and so the next time. Exit status 1 if it has not after a minute.
#include "../../support/hazard.hpp"
#include <ctime>

namespace {

constexpr std::size_t count = 40'000, size = 5'000, stays = 1'000;
constexpr std::size_t few_kib = 64 * 1024;
void* blocks[count];

void take_all() {
    for (void*& each : blocks) {
        if (each) continue;
        CHECK((each = std::malloc(size)));
        std::memset(each, 1, size);
    }
}

void free_most() {
    for (std::size_t i = 0; i < count; ++i) {
        if (i % stays == stays - 1) continue;
        std::free(blocks[i]);
        blocks[i] = nullptr;
    }
}

// Requests that krait keeps no blocks for.
void work() {
    for (int i = 0; i < 100; ++i) {
        void* const block = std::malloc(hazard::opaque<std::size_t>(40'000));
        CHECK(block);
        std::memset(block, 1, 40'000);
        std::free(block);
    }
}

} // namespace

int main() {
    for (int round = 0; round < 3; ++round) {
        take_all();
        CHECK(hazard::memory().resident_kib > 2 * few_kib);
        free_most();
        const std::time_t start = std::time(nullptr);
        while (hazard::memory().resident_kib > few_kib) {
            work();
            usleep(1000);
            if (std::time(nullptr) - start > 60) return 1;
        }
    }
}
