// Memory tagging of aarch64 (MTE), where processor and kernel have it. Part of the contract with the kernel about
// memory (memory.hpp), for hardened products.
//
//   granule   16 bytes of memory, which have a tag of 4 bits; fresh memory has tag 0
//   tag       of a pointer: bits 56 to 59. An access with another tag than its granule's faults at once
//   name      a pointer with the tag of what it points to; a plain pointer has tag 0
//
// Elsewhere nothing is tagged, and nothing of it is compiled.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::os::tags {

inline constexpr std::size_t granule = 16;
inline constexpr std::uintptr_t bits = std::uintptr_t{15} << 56;

#if defined(__aarch64__)

// What a mapping is asked for beside reading and writing (memory.cpp): 0 until tags are on.
extern constinit int access;
inline bool are_on() noexcept { return access != 0; }

// From now on memory that is mapped has tags, and the tag of an access is compared: of this thread and of those that it
// starts. Random tags are never 0. Does nothing where there are none.
void open() noexcept;

inline void* plain(const void* name) noexcept {
    return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(name) & ~bits);
}

// The tag that the memory has.
inline void* name_of(const void* memory) noexcept {
    auto name = reinterpret_cast<std::uintptr_t>(memory);
    __asm__ volatile(".arch armv8.5-a+memtag\n\tldg %0, [%0]" : "+r"(name) : : "memory");
    return reinterpret_cast<void*>(name);
}

// A name for it with a random tag that none of the two names has.
inline void* random_name(void* memory, const void* one, const void* other) noexcept {
    const auto excluded = [](const void* name) {
        return std::uint64_t{1} << ((reinterpret_cast<std::uintptr_t>(name) & bits) >> 56);
    };
    const std::uint64_t without = excluded(one) | excluded(other);
    void* name;
    __asm__(".arch armv8.5-a+memtag\n\tirg %0, %1, %2" : "=r"(name) : "r"(memory), "r"(without));
    return name;
}

// The granules of so many bytes, a multiple of `granule`, get the name's tag.
inline void set(void* name, std::size_t bytes) noexcept {
    auto* at = static_cast<char*>(name);
    for (const char* const end = at + bytes; at != end; at += granule)
        __asm__ volatile(".arch armv8.5-a+memtag\n\tstg %0, [%0]" : : "r"(at) : "memory");
}

// While it lives, this thread's accesses are not compared.
class unchecked {
  public:
    unchecked() noexcept {
        if (!are_on()) return;
        __asm__ volatile(".arch armv8.5-a+memtag\n\tmrs %0, tco\n\tmsr tco, #1" : "=r"(before_) : : "memory");
    }
    ~unchecked() {
        if (are_on()) __asm__ volatile(".arch armv8.5-a+memtag\n\tmsr tco, %0" : : "r"(before_) : "memory");
    }
    unchecked(const unchecked&) = delete;
    unchecked& operator=(const unchecked&) = delete;

  private:
    std::uint64_t before_ = 0;
};

#else

inline constexpr int access = 0;
constexpr bool are_on() noexcept { return false; }
inline void open() noexcept {}
inline void* plain(const void* name) noexcept { return const_cast<void*>(name); }
inline void* name_of(const void* memory) noexcept { return const_cast<void*>(memory); }
inline void* random_name(void* memory, const void*, const void*) noexcept { return memory; }
inline void set(void*, std::size_t) noexcept {}
class unchecked {
  public:
    unchecked() noexcept {} // a variable of it is used
};

#endif

} // namespace krait::os::tags
