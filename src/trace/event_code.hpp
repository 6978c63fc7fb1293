// The code of events: how one thread's stream of them is written in bytes, and read. Most events take one byte each.
//
//   model     what writer and reader both know of a stream, and bring up to date by the same steps: the sites seen
//             last, the blocks seen last, and for each class of sizes where its next block is expected
//   class     1 ... 32 for sizes of up to 512 bytes, in steps of 16; 0 for all others
//   expected  of a class: the last block of it that this thread freed and did not get again, or else the place behind
//             the one that it got last. What krait does (its caches are stacks), guessed from the events alone
//   short,    blocks by 6 and by 12 bits of a hash of their address; the second is there from the code `widen` on, so
//   wide      that threads with few events cost little memory
//
//   byte         what follows                                        event
//   0x00..0x7f                                                       alloc of the site in that slot, where expected
//   0x80..0xbf                                                       free of the block in that short slot
//   0xc0..0xdf                                                       the stamp grows by 1 ... 32
//   grow         varint                                              the stamp grows by that
//   alloc_site   varint site                                         alloc where expected
//   alloc_moved  varint site, zigzag (address - expected) / 8        alloc
//   alloc_slot   byte slot, zigzag (address - expected) / 8          alloc of the site in that slot
//   alloc_whole  varint stack, varint size, zigzag (as above)        alloc without a site
//   free_far     zigzag (address - the last one freed so) / 8        free
//   0xea..0xef   byte                                                alloc of a site of low number, where expected
//   0xf0..0xff   byte                                                free of the block in that wide slot
//   by_realloc                                                       the next event is half of a realloc
//   map          varint stack, varint address, varint size           mapping
//   unmap        varint address, varint size
//   widen                                                            from here on the wide slots are kept
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace krait::trace {

namespace code {
inline constexpr std::uint8_t free_short = 0x80, grow_little = 0xc0, grow = 0xe0, alloc_site = 0xe1, alloc_moved = 0xe2,
                              alloc_slot = 0xe3, alloc_whole = 0xe4, free_far = 0xe5, by_realloc = 0xe6, map = 0xe7,
                              unmap = 0xe8, widen = 0xe9, alloc_low = 0xea, free_wide = 0xf0;
inline constexpr std::uint32_t low_sites = (free_wide - alloc_low) * 256U;
} // namespace code

// No event's code is longer, with the stamp's before it.
inline constexpr std::size_t longest_code = 48;

constexpr std::uint64_t zigzag(std::int64_t number) noexcept {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t number) noexcept {
    return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

// Seven bits a byte, the lowest first; the last byte has its top bit clear. Returns what comes behind.
inline std::uint8_t* put_varint(std::uint8_t* at, std::uint64_t number) noexcept {
    for (; number >= 0x80; number >>= 7) *at++ = static_cast<std::uint8_t>(number | 0x80);
    *at++ = static_cast<std::uint8_t>(number);
    return at;
}

constexpr unsigned class_of_size(std::uint64_t size) noexcept {
    return size > 512 ? 0 : size == 0 ? 1 : static_cast<unsigned>((size + 15) / 16);
}

// A block that was seen: its address and class in one word; 0 = none.
class seen_block {
  public:
    constexpr seen_block() = default;
    constexpr seen_block(std::uint64_t address, unsigned size_class) noexcept : word_(address << 8 | size_class) {}
    constexpr bool is_at(std::uint64_t address) const noexcept { return word_ >> 8 == address && word_ != 0; }
    constexpr std::uint64_t address() const noexcept { return word_ >> 8; }
    constexpr unsigned size_class() const noexcept { return word_ & 0xff; }

  private:
    std::uint64_t word_ = 0;
};

class event_model {
  public:
    static constexpr std::size_t site_slots = 128, short_slots = 64, wide_slots = 4096;
    using wide_table = std::array<seen_block, wide_slots>;

    static constexpr std::size_t hash(std::uint64_t address) noexcept {
        return static_cast<std::size_t>((address >> 4) * 0x9e3779b97f4a7c15 >> 52);
    }

    static constexpr std::size_t site_slot(std::uint32_t site) noexcept { return site % site_slots; }
    bool knows_site(std::uint32_t site) const noexcept { return sites_[site_slot(site)] == site; }
    std::uint32_t site_in(std::size_t slot) const noexcept { return sites_[slot]; }
    void learn_site(std::uint32_t site) noexcept { sites_[site_slot(site)] = site; }

    std::uint64_t expected(unsigned size_class) const noexcept {
        const expectation& in = expectations_[size_class];
        return in.freed != 0 ? in.stack[(in.freed - 1U) % depth] : in.next;
    }

    void allocated(std::uint64_t address, unsigned size_class) noexcept {
        expectation& in = expectations_[size_class];
        if (in.freed != 0 && in.stack[(in.freed - 1U) % depth] == address) {
            if (--in.freed == in.bottom) in.freed = in.bottom = 0;
        } else {
            in.freed = in.bottom = 0;
            in.next = address + std::uint64_t{size_class} * 16;
        }
        const seen_block seen(address, size_class);
        const std::size_t at = hash(address);
        short_[at % short_slots] = seen;
        if (wide_ != nullptr) (*wide_)[at] = seen;
    }

    seen_block& in_short(std::size_t slot) noexcept { return short_[slot]; }
    seen_block& in_wide(std::size_t slot) noexcept { return (*wide_)[slot]; }
    bool is_wide() const noexcept { return wide_ != nullptr; }
    void widen(wide_table* table) noexcept { wide_ = table; }
    wide_table* wide() const noexcept { return wide_; }

    // The block of a slot, which is empty then.
    void freed(seen_block& slot) noexcept {
        expectation& in = expectations_[slot.size_class()];
        // freed and bottom count up to 255, then the stack is forgotten; entries below freed - depth are overwritten.
        if (in.freed == 0xff) in.freed = in.bottom = 0;
        in.stack[in.freed++ % depth] = slot.address();
        if (in.freed - in.bottom > static_cast<int>(depth)) ++in.bottom;
        slot = {};
    }

    std::uint64_t last_far() const noexcept { return last_far_; }
    void freed_far(std::uint64_t address) noexcept { last_far_ = address; }

  private:
    static constexpr std::size_t depth = 4;
    // The blocks freed and not seen again are stack[i % depth] for bottom <= i < freed.
    struct expectation {
        std::array<std::uint64_t, depth> stack;
        std::uint64_t next;
        std::uint8_t freed, bottom;
    };

    std::array<std::uint32_t, site_slots> sites_{};
    std::array<seen_block, short_slots> short_{};
    std::array<expectation, 33> expectations_{};
    std::uint64_t last_far_ = 0;
    wide_table* wide_ = nullptr;
};

// Writes events behind each other. The caller has longest_code bytes free before each call.
class event_encoder {
  public:
    event_model& model() noexcept { return model_; }

    static std::uint8_t* grow(std::uint8_t* at, std::uint64_t by) noexcept {
        if (by == 0) return at;
        if (by <= 32) {
            *at++ = static_cast<std::uint8_t>(code::grow_little + by - 1);
            return at;
        }
        *at++ = code::grow;
        return put_varint(at, by);
    }

    std::uint8_t* alloc(std::uint8_t* at, std::uint32_t site, std::uint64_t address, std::uint64_t size) noexcept {
        const unsigned size_class = class_of_size(size);
        const std::uint64_t expected = model_.expected(size_class);
        const bool is_there = expected == address;
        if (model_.knows_site(site)) {
            const std::size_t slot = event_model::site_slot(site);
            if (is_there) {
                *at++ = static_cast<std::uint8_t>(slot);
            } else {
                *at++ = code::alloc_slot;
                *at++ = static_cast<std::uint8_t>(slot);
                at = put_distance(at, address, expected);
            }
        } else {
            if (is_there && site < code::low_sites) {
                *at++ = static_cast<std::uint8_t>(code::alloc_low + (site >> 8));
                *at++ = static_cast<std::uint8_t>(site);
            } else {
                *at++ = is_there ? code::alloc_site : code::alloc_moved;
                at = put_varint(at, site);
                if (!is_there) at = put_distance(at, address, expected);
            }
            model_.learn_site(site);
        }
        model_.allocated(address, size_class);
        return at;
    }

    std::uint8_t* alloc_whole(std::uint8_t* at, std::uint32_t stack, std::uint64_t address,
                              std::uint64_t size) noexcept {
        const unsigned size_class = class_of_size(size);
        *at++ = code::alloc_whole;
        at = put_varint(put_varint(at, stack), size);
        at = put_distance(at, address, model_.expected(size_class));
        model_.allocated(address, size_class);
        return at;
    }

    std::uint8_t* free(std::uint8_t* at, std::uint64_t address) noexcept {
        const std::size_t hash = event_model::hash(address);
        const std::size_t slot = hash % event_model::short_slots;
        if (seen_block& seen = model_.in_short(slot); seen.is_at(address)) {
            *at++ = static_cast<std::uint8_t>(code::free_short + slot);
            model_.freed(seen);
        } else if (model_.is_wide() && model_.in_wide(hash).is_at(address)) {
            *at++ = static_cast<std::uint8_t>(code::free_wide + (hash >> 8));
            *at++ = static_cast<std::uint8_t>(hash);
            model_.freed(model_.in_wide(hash));
        } else {
            *at++ = code::free_far;
            at = put_distance(at, address, model_.last_far());
            model_.freed_far(address);
        }
        return at;
    }

    static std::uint8_t* by_realloc(std::uint8_t* at) noexcept {
        *at++ = code::by_realloc;
        return at;
    }

    static std::uint8_t* map(std::uint8_t* at, std::uint32_t stack, std::uint64_t address,
                             std::uint64_t size) noexcept {
        *at++ = code::map;
        return put_varint(put_varint(put_varint(at, stack), address), size);
    }

    static std::uint8_t* unmap(std::uint8_t* at, std::uint64_t address, std::uint64_t size) noexcept {
        *at++ = code::unmap;
        return put_varint(put_varint(at, address), size);
    }

    std::uint8_t* widen(std::uint8_t* at, event_model::wide_table* table) noexcept {
        *at++ = code::widen;
        model_.widen(table);
        return at;
    }

  private:
    static std::uint8_t* put_distance(std::uint8_t* at, std::uint64_t address, std::uint64_t from) noexcept {
        return put_varint(at, zigzag(static_cast<std::int64_t>(address - from) >> 3));
    }

    event_model model_;
};

} // namespace krait::trace
