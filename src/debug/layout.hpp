// What a block of libkrait_debug.so is made of: CPython's debug layout, with a word of 16 bytes more before it.
//
//   start     what the program has; a multiple of 16, or of the alignment that was asked for
//   base      what the core has: start - room, where room = 32, or the alignment if that is more
//   letter    the API that made the block, as it has to be the one that frees it
//   stack     the number of a stack (stacks.hpp); 0 = none
//
//   start - 32      stack of who made it, stack of who freed it            4 + 4
//   start - 24      size and room, mixed with the address                  8
//   start - 16      size, big-endian                                       8
//   start - 8       letter                                                 1
//   start - 7       0xFD                                                   7
//   start           the program's bytes: 0xCD when fresh, 0xDD when freed  size
//   start + size    0xFD                                                   8
//   .. + 8          serial, big-endian                                     8
//
//   bytes of the core's block = room + size + 16
//   the size is there twice: both agree, or the block's head was written to
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace krait::debug {

constexpr unsigned char clean_byte = 0xCD, dead_byte = 0xDD, forbidden_byte = 0xFD;
constexpr std::uint64_t word_of(unsigned char byte) noexcept { return byte * 0x0101010101010101U; }

enum class letter : unsigned char {
    of_malloc = 'm',
    of_new = 'n',
    of_new_array = 'a',
    of_aligned_new = 'N',
    of_aligned_new_array = 'A',
};

struct shape {
    std::size_t size = 0;
    std::size_t room = 0;
};

constexpr std::size_t pad_before_bytes = 7, pad_behind_bytes = 8;
constexpr std::size_t tail_bytes = pad_behind_bytes + sizeof(std::uint64_t);
constexpr std::size_t least_room = 32;

// A block over this has its fill in two halves, at its ends: programs map more than there is memory for.
constexpr std::size_t most_filled = std::size_t{8} << 20;

class block {
  public:
    explicit block(void* start) noexcept : start_(static_cast<unsigned char*>(start)) {}
    explicit block(std::uintptr_t start) noexcept : block(reinterpret_cast<void*>(start)) {}

    unsigned char* start() const noexcept { return start_; }
    std::uintptr_t address() const noexcept { return reinterpret_cast<std::uintptr_t>(start_); }
    unsigned char* base(const shape& is) const noexcept { return start_ - is.room; }
    static std::size_t whole_bytes(const shape& is) noexcept { return is.room + is.size + tail_bytes; }

    void decorate(const shape& is, std::uint32_t made_by, std::uint64_t serial) const noexcept {
        head& h = own_head();
        h.made_by = made_by;
        h.freed_by = 0;
        h.sealed = sealed(is);
        h.size = big_endian(is.size);
        h.api = letter::of_malloc;
        h.pad.fill(forbidden_byte);
        std::memset(start_ + is.size, forbidden_byte, pad_behind_bytes);
        const std::uint64_t number = big_endian(serial);
        std::memcpy(start_ + is.size + pad_behind_bytes, &number, sizeof number);
    }

    // False if nothing of what says it is left. Where only one of the two sizes was written to, it is the right one.
    bool read_shape(shape& is) const noexcept {
        const std::uint64_t word = own_head().sealed ^ key();
        is.size = word & size_mask;
        const auto room_bits = static_cast<unsigned>(word >> 56);
        is.room = std::size_t{1} << (room_bits & 63);
        return is.room >= least_room && room_bits < 48 && (word & ~size_mask) >> 48 == std::uint64_t{room_bits} << 8;
    }

    std::size_t size_before() const noexcept { return big_endian(own_head().size); }
    letter api() const noexcept { return static_cast<letter>(letter_and_pad() & 0xff); }
    // While a walk may look at the block: it sees one letter or the other.
    void set_api(letter api) const noexcept { std::atomic_ref(own_head().api).store(api, std::memory_order_relaxed); }
    std::uint32_t made_by() const noexcept { return own_head().made_by; }
    std::uint32_t freed_by() const noexcept { return own_head().freed_by; }
    void set_freed_by(std::uint32_t stack) const noexcept { own_head().freed_by = stack; }
    std::uint64_t serial(const shape& is) const noexcept {
        std::uint64_t number;
        std::memcpy(&number, start_ + is.size + pad_behind_bytes, sizeof number);
        return big_endian(number);
    }

    const unsigned char* pad_before() const noexcept { return own_head().pad.data(); }
    const unsigned char* pad_behind(const shape& is) const noexcept { return start_ + is.size; }
    bool is_head_whole(const shape& is) const noexcept {
        const std::uint64_t word = letter_and_pad();
        return size_before() == is.size && word >> 8 == forbidden_word >> 8 && is_letter(letter(word & 0xff));
    }
    bool is_tail_whole(const shape& is) const noexcept { return word_at(pad_behind(is)) == forbidden_word; }

    // From `from` on.
    void fill(const shape& is, std::size_t from, unsigned char value) const noexcept {
        each_filled(is.size - from, [&](std::size_t at, std::size_t bytes) {
            std::memset(start_ + from + at, value, bytes);
            return true;
        });
    }
    // Whether all that a freed block was filled with is there.
    bool is_dead(const shape& is) const noexcept {
        return each_filled(is.size,
                           [&](std::size_t at, std::size_t bytes) { return is_all(start_ + at, bytes, dead_byte); });
    }

    static constexpr bool is_letter(letter api) noexcept {
        return api == letter::of_malloc || api == letter::of_new || api == letter::of_new_array ||
               api == letter::of_aligned_new || api == letter::of_aligned_new_array;
    }

  private:
    struct head {
        std::uint32_t made_by, freed_by;
        std::uint64_t sealed;
        std::uint64_t size;
        letter api;
        std::array<unsigned char, pad_before_bytes> pad;
    };
    static_assert(sizeof(head) == least_room);
    static constexpr std::uint64_t size_mask = (std::uint64_t{1} << 48) - 1;

    static std::uint64_t big_endian(std::uint64_t number) noexcept { return __builtin_bswap64(number); }
    static_assert(std::endian::native == std::endian::little);

    // In one load, as another thread may change the letter (new and delete do, between malloc and free).
    std::uint64_t letter_and_pad() const noexcept {
        return std::atomic_ref(reinterpret_cast<std::uint64_t*>(start_)[-1]).load(std::memory_order_relaxed);
    }

    head& own_head() const noexcept { return reinterpret_cast<head*>(start_)[-1]; }
    std::uint64_t key() const noexcept { return address() * 0x9e3779b97f4a7c15; }
    std::uint64_t sealed(const shape& is) const noexcept {
        return (is.size | static_cast<std::uint64_t>(std::countr_zero(is.room)) << 56) ^ key();
    }

    static constexpr std::uint64_t forbidden_word = word_of(forbidden_byte);
    static std::uint64_t word_at(const unsigned char* bytes) noexcept {
        std::uint64_t word;
        std::memcpy(&word, bytes, sizeof word);
        return word;
    }

    // A long range is one byte and the rest that is the same a byte further.
    static bool is_all(const unsigned char* bytes, std::size_t count, unsigned char value) noexcept {
        constexpr std::size_t is_long = 256, step = sizeof(std::uint64_t);
        if (count < step) {
            std::uint64_t word = word_of(value);
            std::memcpy(&word, bytes, count);
            return word == word_of(value);
        }
        if (count >= is_long) return *bytes == value && std::memcmp(bytes, bytes + 1, count - 1) == 0;
        std::uint64_t differs = word_at(bytes + count - step) ^ word_of(value);
        for (std::size_t i = 0; i + step <= count; i += step) differs |= word_at(bytes + i) ^ word_of(value);
        return differs == 0;
    }

    template <class Each>
    static bool each_filled(std::size_t size, Each each) noexcept {
        constexpr std::size_t half = most_filled / 2;
        return size <= most_filled ? each(0, size) : each(0, half) && each(size - half, half);
    }

    unsigned char* start_;
};

} // namespace krait::debug
