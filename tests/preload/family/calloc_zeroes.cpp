// calloc's memory is zero also where dirty blocks were freed just before, small and large.
#include "../../support/hazard.hpp"

namespace {

constexpr std::size_t count = 200;

void dirty_then_zero(std::size_t size) {
    unsigned char* blocks[count];
    for (auto& block : blocks) {
        block = static_cast<unsigned char*>(std::malloc(size));
        CHECK(block);
        hazard::fill(block, size, 9);
    }
    for (auto* block : blocks) std::free(block);
    for (auto& block : blocks) {
        block = static_cast<unsigned char*>(std::calloc(size / 4, 4));
        CHECK(block);
        for (std::size_t i = 0; i < size / 4 * 4; ++i) CHECK(block[i] == 0);
    }
    for (auto* block : blocks) std::free(block);
}

} // namespace

int main() {
    for (std::size_t size = 4; size <= 1200; size += 4) dirty_then_zero(size);
    for (std::size_t size : {5000u, 70000u, 200000u}) dirty_then_zero(size);
}
