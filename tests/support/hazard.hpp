// What every hazard program shares. A hazard program checks for itself and is silent: exit status 0 and not a byte of
// output. Status 77 with one line of why means that this machine cannot show the hazard (CTest counts it as skipped).
// Nothing here allocates, so that the programs decide what does.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <sys/prctl.h>
#include <unistd.h>

namespace hazard {

[[noreturn]] inline void fail(const char* what, const char* file, int line) {
    const int error = errno;
    char text[512];
    const int length =
        std::snprintf(text, sizeof text, "%s:%d: %s does not hold (errno %d)\n", file, line, what, error);
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, static_cast<std::size_t>(length));
    _exit(1);
}

[[noreturn]] inline void skip(const char* why) {
    std::fprintf(stderr, "skipped: %s\n", why);
    std::exit(77);
}

// A deadlock is to end in a failure, not in a wait: SIGALRM ends this process after so many seconds.
inline void fail_if_hung(unsigned seconds = 240) { alarm(seconds); }

// The compiler must not know a size, or it refuses the absurd ones and merges the calls.
template <class T>
T opaque(T value) {
    volatile T hidden = value;
    return hidden;
}

// Alignment that malloc promises here: 16, or 8 under libkrait8.so; the runner says which.
inline std::size_t block_alignment() {
    const char* text = std::getenv("BLOCK_ALIGNMENT");
    return text ? std::strtoul(text, nullptr, 10) : 16;
}

inline bool aligned(const void* p, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(p) % alignment == 0;
}

// Contents that depend on the block's seed and the offset, to tell overlapping blocks and lost bytes.
inline unsigned char pattern(std::size_t seed, std::size_t offset) {
    return static_cast<unsigned char>(seed * 31 + offset * 7 + (seed >> 8) + 1);
}

// The pattern comes again after 256 bytes. The table has it twice, so that 256 bytes in a row are there from any offset
// on: whole blocks are copied and compared, as single bytes would be most of a program's time.
inline constexpr std::size_t pattern_period = 256;
inline constexpr auto pattern_twice = [] {
    std::array<unsigned char, 2 * pattern_period> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 7);
    return bytes;
}();

// The pattern of a seed, from the block's start on.
inline const unsigned char* pattern_from(std::size_t seed) {
    constexpr unsigned inverse_of_7 = 183; // modulo the period
    return pattern_twice.data() + pattern(seed, 0) * inverse_of_7 % pattern_period;
}

inline void fill(void* p, std::size_t size, std::size_t seed) {
    auto* bytes = static_cast<unsigned char*>(p);
    const auto* const expected = pattern_from(seed);
    for (; size > pattern_period; bytes += pattern_period, size -= pattern_period)
        std::memcpy(bytes, expected, pattern_period);
    if (size != 0) std::memcpy(bytes, expected, size);
}

inline bool filled(const void* p, std::size_t size, std::size_t seed) {
    const auto* bytes = static_cast<const unsigned char*>(p);
    const auto* const expected = pattern_from(seed);
    for (; size > pattern_period; bytes += pattern_period, size -= pattern_period)
        if (std::memcmp(bytes, expected, pattern_period) != 0) return false;
    return size == 0 || std::memcmp(bytes, expected, size) == 0;
}

struct random {
    std::uint64_t state;

    // A number in [0, bound).
    std::size_t below(std::size_t bound) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<std::size_t>(state % bound);
    }
};

// The memory that the kernel sees is an emulator's as well, and says nothing of the program's (scripts/aarch64).
inline bool is_memory_unmeasured() { return std::getenv("MEMORY_UNMEASURED") != nullptr; }

// Resident memory is from now on what was touched: where the system makes every page huge that can be, one touch brings
// 2 MiB.
inline void do_without_huge_pages() {
    if (is_memory_unmeasured()) return;
    if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0) fail("PR_SET_THP_DISABLE", __FILE__, __LINE__);
}

struct process_memory {
    std::size_t virtual_kib;
    std::size_t resident_kib;
};

template <std::size_t Size>
void read_start(const char* path, char (&text)[Size]) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = file < 0 ? -1 : read(file, text, Size - 1);
    if (got <= 0) fail(path, __FILE__, __LINE__);
    close(file);
    text[got] = '\0';
}

// Resident memory is counted page by page: the counters of statm lag behind, by up to some MiB where there are many
// processors or threads (proc(5)). All 0 where memory is not measured, so that none has grown.
inline process_memory memory() {
    if (is_memory_unmeasured()) return {};
    char sizes[128], rollup[256];
    read_start("/proc/self/statm", sizes);
    read_start("/proc/self/smaps_rollup", rollup);
    const char* const resident = std::strstr(rollup, "Rss:");
    if (!resident) fail("Rss in /proc/self/smaps_rollup", __FILE__, __LINE__);
    const auto page_kib = static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024;
    return {std::strtoul(sizes, nullptr, 10) * page_kib, std::strtoul(resident + 4, nullptr, 10)};
}

// A small working set of blocks of 1 to 2,000 bytes, taken and returned at random and checked at every step.
template <std::size_t Slots = 64>
class churn {
  public:
    explicit churn(std::size_t seed) : random_{seed * 0x9e3779b97f4a7c15u + 1} {}
    churn(const churn&) = delete;
    churn& operator=(const churn&) = delete;
    ~churn() {
        for (std::size_t slot = 0; slot < Slots; ++slot) drop(slot);
    }

    void step() {
        const std::size_t slot = random_.below(Slots);
        if (blocks_[slot]) return drop(slot);
        sizes_[slot] = 1 + random_.below(random_.below(4) ? 512 : 2000);
        blocks_[slot] = std::malloc(sizes_[slot]);
        if (!blocks_[slot]) fail("malloc", __FILE__, __LINE__);
        fill(blocks_[slot], sizes_[slot], seed_of(slot));
    }

    void steps(std::size_t count) {
        while (count--) step();
    }

  private:
    void drop(std::size_t slot) {
        if (!blocks_[slot]) return;
        if (!filled(blocks_[slot], sizes_[slot], seed_of(slot))) fail("the block's contents", __FILE__, __LINE__);
        std::free(blocks_[slot]);
        blocks_[slot] = nullptr;
    }

    std::size_t seed_of(std::size_t slot) const { return slot ^ reinterpret_cast<std::uintptr_t>(this) >> 4; }

    random random_;
    void* blocks_[Slots] = {};
    std::size_t sizes_[Slots] = {};
};

// Takes `count` blocks of one size and returns them all: more than any cache holds, so that shared state and its locks
// come in at every step. The blocks form a list in themselves.
inline void burst(std::size_t size, std::size_t count) {
    struct link {
        link* next;
    };
    link* list = nullptr;
    while (count--) {
        auto* block = static_cast<link*>(std::malloc(size < sizeof(link) ? sizeof(link) : size));
        if (!block) fail("malloc", __FILE__, __LINE__);
        block->next = list;
        list = block;
    }
    while (list) {
        link* next = list->next;
        std::free(list);
        list = next;
    }
}

} // namespace hazard

#define CHECK(condition) ((condition) ? void() : hazard::fail(#condition, __FILE__, __LINE__))
