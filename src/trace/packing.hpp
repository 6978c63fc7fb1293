// Chunks are packed before they are written: the same few events come again and again. The scheme is that of LZ4's
// blocks, which is public and simple; the file says so for each chunk.
//
//   sequence   token | more literals' length | literals | distance (2 bytes) | more of the match's length
//   token      literals (4 bits) and match - 4 (4 bits); 15 in either: bytes are added, up to one below 255
//   end        the last sequence is literals alone; the last 5 bytes are literals, and no match begins in the last 12
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace krait::trace {

inline constexpr std::size_t longest_packed = 32768; // bytes that are packed at a time

class packer {
  public:
    static constexpr std::size_t bound(std::size_t bytes) noexcept { return bytes + bytes / 255 + 16; }

    // Packs up to longest_packed bytes; `to` has bound(bytes). Returns the packed bytes.
    std::size_t pack(const std::uint8_t* from, std::size_t bytes, std::uint8_t* to) noexcept {
        seen_.fill(0);
        std::uint8_t* out = to;
        std::size_t at = 1, literals = 0; // where literals begin; no match at 0, which is "none" in the table
        while (at + last_match_from_end < bytes) {
            const std::uint32_t four = word_at(from + at);
            std::uint16_t& slot = seen_[four * 2654435761U >> (32 - hash_bits)];
            const std::size_t before = slot;
            slot = static_cast<std::uint16_t>(at);
            if (before == 0 || word_at(from + before) != four) {
                at += 1 + ((at - literals) >> 6); // what does not repeat is gone through faster
                continue;
            }
            std::size_t length = least_match;
            while (at + length + last_literals < bytes && from[before + length] == from[at + length]) ++length;
            out = put(out, from + literals, at - literals, length - least_match);
            const std::size_t distance = at - before;
            *out++ = static_cast<std::uint8_t>(distance);
            *out++ = static_cast<std::uint8_t>(distance >> 8);
            out = put_more(out, length - least_match);
            at += length;
            literals = at;
        }
        out = put(out, from + literals, bytes - literals, 0);
        return static_cast<std::size_t>(out - to);
    }

  private:
    static constexpr unsigned hash_bits = 12;
    static constexpr std::size_t least_match = 4, last_literals = 5, last_match_from_end = 12;

    static std::uint32_t word_at(const std::uint8_t* at) noexcept {
        std::uint32_t word;
        std::memcpy(&word, at, sizeof word);
        return word;
    }

    static std::uint8_t* put_more(std::uint8_t* out, std::size_t length) noexcept {
        if (length < 15) return out;
        for (length -= 15; length >= 255; length -= 255) *out++ = 255;
        *out++ = static_cast<std::uint8_t>(length);
        return out;
    }

    static std::uint8_t* put(std::uint8_t* out, const std::uint8_t* from, std::size_t count,
                             std::size_t match) noexcept {
        const std::size_t first = count < 15 ? count : 15, second = match < 15 ? match : 15;
        *out++ = static_cast<std::uint8_t>(first << 4 | second);
        out = put_more(out, count);
        std::memcpy(out, from, count);
        return out + count;
    }

    std::array<std::uint16_t, std::size_t{1} << hash_bits> seen_;
};

// False if the packed bytes do not make exactly `size` bytes.
inline bool unpack(const std::uint8_t* from, std::size_t bytes, std::uint8_t* to, std::size_t size) noexcept {
    const std::uint8_t* const end = from + bytes;
    std::size_t made = 0;
    const auto more = [&](std::size_t length) noexcept {
        if (length != 15) return length;
        while (from < end) {
            const std::uint8_t next = *from++;
            length += next;
            if (next != 255) break;
        }
        return length;
    };
    while (from < end) {
        const std::uint8_t token = *from++;
        const std::size_t literals = more(token >> 4);
        if (literals > static_cast<std::size_t>(end - from) || literals > size - made) return false;
        std::memcpy(to + made, from, literals);
        from += literals;
        made += literals;
        if (from == end) break;
        if (end - from < 2) return false;
        const std::size_t distance = from[0] | static_cast<std::size_t>(from[1]) << 8;
        from += 2;
        const std::size_t length = more(token & 15U) + 4;
        if (distance == 0 || distance > made || length > size - made) return false;
        for (std::size_t i = 0; i < length; ++i, ++made) to[made] = to[made - distance];
    }
    return made == size;
}

} // namespace krait::trace
