// What a hardened product keeps to itself: keys, and a stream of random numbers for each thread. Not of the other
// products, which know no secret.
//
//   keys     made once, before the first block; a forked child keeps them, as blocks are sealed with them
//   random   xorshift64*, seeded from the keys for each thread, and anew in a forked child: parent and child choose
//            differently. Not a cipher: nobody sees a number, only which of the free blocks comes next
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::secret {

struct keys {
    std::uint64_t link;   // of free lists' links
    std::uint64_t seal;   // beside them
    std::uint64_t canary; // behind blocks
    std::uint64_t place;  // of guards, and of the order of an arena's pools
    std::uint64_t seed;   // of threads' random numbers
};
extern constinit keys known;

// A word that says nothing of the one that it was made of, nor of the key.
constexpr std::uint64_t mixed(std::uint64_t word, std::uint64_t key) noexcept {
    word = (word ^ key) * 0x9e3779b97f4a7c15; // 2^64 / the golden ratio
    word ^= word >> 32;
    word *= 0xd6e8feb86659fd93; // odd, with bits of all places
    return word ^ word >> 29;
}

// Before any of the others.
void open(const keys& fresh) noexcept;

// In a forked child.
void reseed(std::uint64_t fresh) noexcept;

// This thread's next random number. Also in a signal handler, whose numbers may be those of the code it interrupts.
std::uint64_t random() noexcept;

// A random number below `bound`, which is below 2^32. Even enough: 2^-32 * bound off.
inline std::uint32_t random_below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>((random() >> 32) * bound >> 32);
}

} // namespace krait::secret
