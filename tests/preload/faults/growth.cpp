// A heap of small blocks that grows over many steps of the reserved range, and shrinks, while calls fail. Once they no longer do,
// it grows as it should: the system allocator serves only what was asked for while the kernel was not.
#include "faulty.hpp"

namespace {

constexpr std::size_t count = 300'000;
constexpr std::size_t most_unasked = 1023 * 25; // blocks: of so many pools, of this size
std::size_t* blocks[count];

// Only the ends of each block are written: the point is how much there is.
void grow_and_shrink(std::size_t words, bool may_fail) {
    std::size_t number = 0;
    for (std::size_t*& each : blocks) {
        errno = 0;
        each = static_cast<std::size_t*>(std::malloc(hazard::opaque(words * sizeof(std::size_t))));
        if (each == nullptr) CHECK(may_fail && errno == ENOMEM);
        if (each != nullptr) each[0] = each[words - 1] = number;
        ++number;
    }
    // Where the first mappings were refused there is no range.
    const bool has_range = hazard::statistics().bytes_metadata != 0;
    if (!may_fail && has_range) CHECK(hazard::statistics().blocks_in_use >= count - most_unasked);
    number = 0;
    for (std::size_t* each : blocks) {
        if (each != nullptr) CHECK(each[0] == number && each[words - 1] == number);
        errno = EDOM;
        std::free(each);
        CHECK(errno == EDOM);
        ++number;
    }
}

} // namespace

int main() {
    hazard::live_with_faults([](bool may_fail) { grow_and_shrink(may_fail ? 18 : 20, may_fail); });
}
