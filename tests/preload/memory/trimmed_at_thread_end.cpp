// What is too much to give back at a free (KRAIT_TRIM_PAUSE) goes at the end of the last thread but one, and not while
// two others may want glibc's heap.
#include "../../support/hazard.hpp"
#include "krait/krait.h"

#include <algorithm>
#include <future>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t count = 40'000, size = 2000; // pages that take more than a millisecond to go

std::uint64_t trims() {
    krait_stats now;
    krait_stats_get(&now, sizeof now);
    return now.trims;
}

void drop_at_random() {
    std::vector<void*> blocks(count);
    for (void*& each : blocks) each = std::memset(std::malloc(size), 1, size);
    void* const end = std::malloc(size); // glibc gives nothing back by itself
    hazard::random random{7};
    for (std::size_t i = count; i > 1; --i) std::swap(blocks[i - 1], blocks[random.below(i)]);
    for (void* const each : blocks) std::free(each);
    static_cast<void>(hazard::opaque(end));
}

} // namespace

int main() {
    hazard::fail_if_hung();
    std::promise<void> may_end;
    std::thread other([done = may_end.get_future()] {
        std::free(hazard::opaque(std::malloc(100)));
        done.wait();
    });
    std::thread(drop_at_random).join();
    CHECK(trims() == 0);
    may_end.set_value();
    other.join();
    CHECK(trims() == 1);
}
