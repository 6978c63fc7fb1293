// What is packed comes out again, and what is damaged is refused or harmless.
#include "trace/packing.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <random>
#include <vector>

using namespace krait::trace;

namespace {

std::vector<std::uint8_t> packed(const std::vector<std::uint8_t>& plain) {
    const auto pack = std::make_unique<packer>();
    std::vector<std::uint8_t> to(packer::bound(plain.size()));
    to.resize(pack->pack(plain.data(), plain.size(), to.data()));
    return to;
}

bool comes_back(const std::vector<std::uint8_t>& plain) {
    const auto small = packed(plain);
    std::vector<std::uint8_t> again(plain.size());
    return unpack(small.data(), small.size(), again.data(), again.size()) && again == plain;
}

// Bytes out of `kinds`, in runs that repeat what was `distance` before now and then.
std::vector<std::uint8_t> some(std::size_t size, unsigned kinds, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
        if (bytes.size() > 100 && random() % 3 == 0) {
            const std::size_t distance = 1 + random() % bytes.size();
            for (std::size_t left = random() % 400; left != 0 && bytes.size() < size; --left)
                bytes.push_back(bytes[bytes.size() - distance]);
        } else {
            bytes.push_back(static_cast<std::uint8_t>(random() % kinds));
        }
    }
    return bytes;
}

} // namespace

TEST_CASE("what is packed comes out again") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        const std::size_t sizes[] = {0, 1, 4, 12, 13, 20, 300, 4096, longest_packed};
        const unsigned kinds[] = {1, 2, 5, 256};
        CAPTURE(seed);
        REQUIRE(comes_back(some(sizes[seed % 9], kinds[seed % 4], seed)));
    }
}

TEST_CASE("what repeats becomes small, and nothing becomes larger than the bound") {
    CHECK(packed(std::vector<std::uint8_t>(longest_packed, 7)).size() < 200);
    const auto noise = some(longest_packed, 256, 1);
    std::mt19937 random(2);
    std::vector<std::uint8_t> all_different(longest_packed);
    for (auto& each : all_different) each = static_cast<std::uint8_t>(random());
    CHECK(packed(all_different).size() <= packer::bound(longest_packed));
    CHECK(packed(noise).size() < noise.size());
}

TEST_CASE("damaged bytes never lead out of the chunk") {
    const auto plain = some(4096, 5, 3);
    const auto whole = packed(plain);
    std::mt19937 random(4);
    for (int i = 0; i < 3000; ++i) {
        auto damaged = whole;
        damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
        damaged.resize(damaged.size() - random() % 3);
        std::vector<std::uint8_t> again(plain.size());
        static_cast<void>(unpack(damaged.data(), damaged.size(), again.data(), again.size()));
    }
    std::vector<std::uint8_t> again(plain.size() - 1);
    CHECK(!unpack(whole.data(), whole.size(), again.data(), again.size()));
}
