// Blocks that the system allocator owns, while it fails: growing arrays, buffers of a few sizes over and over, all held at once.
#include "ledger.hpp"

namespace {

void grow_an_array(bool may_fail) {
    auto* array = static_cast<unsigned char*>(std::malloc(1));
    std::size_t size = array != nullptr ? 1 : 0;
    if (array != nullptr) hazard::fill(array, size, 5);
    while (size < 3'000'000) {
        errno = 0;
        const std::size_t wanted = size * 2 + 100;
        auto* const grown = static_cast<unsigned char*>(std::realloc(array, wanted));
        if (grown == nullptr) {
            CHECK(may_fail && errno == ENOMEM && hazard::filled(array, size, 5));
            break;
        }
        CHECK(hazard::filled(grown, size, 5));
        array = grown;
        size = wanted;
        hazard::fill(array, size, 5);
    }
    std::free(array);
}

} // namespace

int main() {
    hazard::live_with_faults([](bool may_fail) {
        grow_an_array(may_fail);
        hazard::ledger<120> blocks(4, 400'000, may_fail);
        for (int i = 0; i < 4; ++i) {
            for (std::size_t size : {600u, 4'000u, 30'000u}) blocks.fill_up(size);
            blocks.steps(100);
        }
        grow_an_array(may_fail);
    });
}
