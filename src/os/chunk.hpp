// glibc's chunks, the blocks of the system allocator, as far as free needs to look at one that a cache may keep.
// malloc_usable_size believes any address and follows what it reads there. Here an address that starts no block nearly
// always comes out as a size that no cache takes, so that free(3) gets it and says what is wrong. An array of numbers
// like 1041, which is 16 * 65 + 1, still passes for blocks.
//
//   word before the block = size of the chunk, a multiple of 16 | 1 the chunk before is in use | 2 own mapping | 4 of
//   another arena
//   usable size           = size of the chunk - 8: the next chunk's first word is lent
//   the chunk is in use   = bit 1 of the next chunk's word; so are those that glibc keeps for a thread (tcache, up to
//                         1,032 bytes)
//   second word           = in the tcache: a random number, glibc's key, the same for the whole process (glibc 2.34). A
//                           block in use may have it by chance, from what was there before: only glibc can tell, and
//                           looks for the block in its lists then
//
// The layout is glibc's own affair. It has been the same for twenty years, and is believed only where fresh blocks
// confirm it.
#pragma once

#include "base/check.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::os {

class chunk {
  public:
    // Whether glibc may have the block in a thread's tcache: if so, it is glibc that knows. Reads 16 bytes. False
    // until a first usable_size has learned the key.
    __attribute__((no_sanitize("address", "hwaddress", "thread"))) static bool
    may_be_in_tcache(const void* block) noexcept {
        return static_cast<const std::uintptr_t*>(block)[1] == tcache_key_.load(std::memory_order_relaxed);
    }

    // Whether the system allocator is glibc's, which has no block at an address that is no multiple of 16. Keeps
    // errno.
    static bool is_glibc() noexcept;

    // As malloc_usable_size for a block of at most `most` bytes that the system allocator gave out, has no mapping of
    // its own, and is in use. For any other address, by its words, a number over `most`, or 0. Keeps errno.
    static std::size_t usable_size(const void* block, std::size_t most) noexcept {
        if (KRAIT_UNLIKELY(found_.load(std::memory_order_relaxed) != layout::glibc))
            return usable_size_slow(block, most);
        return usable_size_by_words(static_cast<const char*>(block), most);
    }

    // Whether glibc gave the block a mapping of its own, so far as fresh blocks show glibc's layout; else false.
    static bool has_own_mapping(const void* block) noexcept {
        usable_size(block, 0); // learns the layout
        return found_.load(std::memory_order_relaxed) == layout::glibc &&
               (word_before(static_cast<const char*>(block)) & own_mapping) != 0;
    }

    // Bytes of a block in use that lies in one of glibc's heaps; 0 if it has a mapping of its own, or where the layout
    // is not glibc's.
    static std::size_t bytes_in_heap(const void* block) noexcept {
        if (KRAIT_UNLIKELY(found_.load(std::memory_order_relaxed) != layout::glibc)) return bytes_in_heap_slow(block);
        return bytes_in_heap_by_word(static_cast<const char*>(block));
    }

    // Whether the chunk before such a block is free, and will be joined with it. Another thread may change that at any
    // moment.
    static bool is_behind_free(const void* block) noexcept {
        return found_.load(std::memory_order_relaxed) == layout::glibc &&
               (word_before(static_cast<const char*>(block)) & previous_in_use) == 0;
    }

  private:
    enum class layout : std::uint8_t { unknown, glibc, another };

    static constexpr std::uintptr_t previous_in_use = 1;
    static constexpr std::uintptr_t own_mapping = 2;
    static constexpr std::uintptr_t flags = 7;
    static constexpr std::uintptr_t no_multiple_of_16 = 8;
    static constexpr std::size_t word_size = sizeof(std::uintptr_t);

    // Other threads change the flags of chunks in use. The sanitizers' allocators have something else there.
    __attribute__((no_sanitize("address", "hwaddress", "thread"))) static std::uintptr_t
    word_before(const char* block) noexcept {
#ifdef __aarch64__
        // Where glibc tags memory (glibc.mem.tagging), the words around blocks have no tag, and the pointer has the
        // block's.
        constexpr std::uintptr_t address_bits = (std::uintptr_t{1} << 56) - 1;
        block = reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(block) & address_bits);
#endif
        return __atomic_load_n(reinterpret_cast<const std::uintptr_t*>(block) - 1, __ATOMIC_RELAXED);
    }

    static std::size_t usable_size_by_words(const char* block, std::size_t most) noexcept {
        const std::uintptr_t word = word_before(block);
        const std::size_t usable = (word & ~flags) - word_size; // none is too much as well
        if (KRAIT_UNLIKELY(usable > most)) return usable;
        if (KRAIT_UNLIKELY((word & (own_mapping | no_multiple_of_16)) != 0))
            return 0; // the first ends with the mapping
        return KRAIT_LIKELY((word_before(block + usable + word_size) & previous_in_use) != 0) ? usable : 0;
    }

    static std::size_t bytes_in_heap_by_word(const char* block) noexcept {
        const std::uintptr_t word = word_before(block);
        return KRAIT_LIKELY((word & own_mapping) == 0) ? word & ~flags : 0;
    }

    static layout known() noexcept;
    static std::size_t bytes_in_heap_slow(const void* block) noexcept;
    static std::size_t usable_size_slow(const void* block, std::size_t most) noexcept;
    static layout learn() noexcept;
    static void learn_tcache_key() noexcept;

    // No block's second word where there is no key: it is odd, and beyond every address.
    static constexpr std::uintptr_t no_key = 0x9e3779b97f4a7c15;

    static constinit std::atomic<layout> found_;
    static constinit std::atomic<std::uintptr_t> tcache_key_; // written before found_
};

} // namespace krait::os
