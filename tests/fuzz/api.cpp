// The C interface in one thread: every function of krait.h, in any order, against a shadow of the blocks.
//
//   phase: some hundred operations ─► contents, statistics, invariants
//   end:   everything freed ─► nothing in use, one arena at most
#include "core/process.hpp"
#include "input.hpp"
#include "krait/krait.h"
#include "live_blocks.hpp"
#include "operations.hpp"
#include "require.hpp"
#include "selection.hpp"
#include "sizes.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace krait::fuzz {

namespace {

using G = process::geometry_type;

constexpr std::size_t most_calls = 5000; // an input's, for memory
constexpr std::size_t most_bytes = std::size_t{32} << 20;
constexpr int no_error = 4711; // an errno that no function sets

class session {
  public:
    explicit session(input from) : from_(from) {}

    void run() {
        KRAIT_REQUIRE(krait_version() == KRAIT_VERSION);
        while (!from_.is_over() && calls_ < most_calls) operate();
        check();
        while (!live_.empty()) free(live_.size() - 1);
        check_emptied();
        operations.add(calls_);
    }

  private:
    void operate() {
        switch (from_.below(24)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return repeat(choose_count(from_), [this, size = choose_size(from_)] { allocate(size); });
        case 4:
        case 5:
            return repeat(choose_count(from_), [this] { allocate(choose_size(from_)); });
        case 6:
            return allocate_zeroed();
        case 7:
        case 8:
        case 9:
            return allocate_aligned();
        case 10:
        case 11:
        case 12:
            return repeat(choose_count(from_) / 8 + 1, [this] { reallocate(); });
        case 13:
        case 14:
        case 15:
        case 16:
            return free_some();
        case 17:
            return thin_out(live_.size(), 2 + from_.below(30), [this](std::size_t index) { free(index); });
        case 18:
            return give_back();
        case 19:
            return ask_absurdly();
        case 20:
            return look_shortened();
        case 21:
            return live_.check_contents();
        default:
            return check();
        }
    }

    template <class F>
    void repeat(std::size_t times, F&& operation) {
        for (; times > 0 && calls_ < most_calls; --times) operation();
    }

    void check() {
        live_.check_contents();
        check_statistics(in_pools(live_.all()));
        check_invariants();
    }

    void gained(void* block, std::size_t size, std::size_t alignment) {
        ++calls_;
        const std::size_t usable = krait_malloc_usable_size(block);
        live_.add(block, size, usable, alignment);
        KRAIT_REQUIRE(!process::the_heap.owns(block) || usable == size_of_class_at(block));
    }

    // A block that is nobody's continuation: one of 1 to 512 bytes is of its class, unless the pools are used up.
    void gained_anew(void* block, std::size_t size) {
        gained(block, size, G::alignment);
        if (process::the_heap.owns(block)) {
            KRAIT_REQUIRE(live_[live_.size() - 1].usable == size_of_class_for(size));
        } else if (G::is_small(size)) {
            const auto arenas = process::the_heap.count_arenas();
            KRAIT_REQUIRE(arenas.current + arenas.lent == process::the_heap.address_range().arena_limit());
            KRAIT_REQUIRE(arenas.free_pools == 0);
        }
    }

    bool has_room(std::size_t size) const { return live_.bytes() + size <= most_bytes; }

    void allocate(std::size_t size) {
        if (!has_room(size)) return;
        errno = no_error;
        void* const block = krait_malloc(size);
        KRAIT_REQUIRE(block != nullptr);
        KRAIT_REQUIRE(errno == no_error || !process::the_heap.owns(block));
        gained_anew(block, size);
    }

    void allocate_zeroed() {
        const std::size_t count = 1 + from_.below(40), size = choose_size(from_) / count;
        repeat(choose_count(from_) / 4 + 1, [&] {
            if (!has_room(count * size)) return;
            auto* const block = static_cast<unsigned char*>(krait_calloc(count, size));
            KRAIT_REQUIRE(block != nullptr);
            KRAIT_REQUIRE(std::all_of(block, block + count * size, [](unsigned char each) { return each == 0; }));
            gained_anew(block, count * size);
        });
    }

    void allocate_aligned() {
        const std::size_t alignment = choose_alignment(from_), size = choose_size(from_);
        const unsigned which = static_cast<unsigned>(from_.below(4));
        repeat(choose_count(from_) / 8 + 1, [&] {
            if (!has_room(size + alignment)) return;
            void* block = nullptr;
            if (which == 0) block = krait_aligned_alloc(alignment, size);
            if (which == 1) block = krait_memalign(alignment - alignment / 4, size); // rounded up to a power of two
            if (which >= 2) {
                void* const before = block = this;
                errno = no_error;
                const int status = krait_posix_memalign(&block, alignment, size);
                KRAIT_REQUIRE(errno == no_error);
                KRAIT_REQUIRE(status == (alignment < sizeof(void*) ? EINVAL : 0));
                KRAIT_REQUIRE(status == 0 || block == before);
                if (status != 0) return;
            }
            KRAIT_REQUIRE(block != nullptr);
            gained(block, size, alignment);
        });
    }

    void reallocate() {
        const std::size_t size = choose_size(from_);
        if (!has_room(size)) return;
        const std::size_t as_array = from_.below(4);
        const auto change = [&](void* block) {
            if (as_array == 3) return krait_reallocarray(block, 1 + size / 7, 7);
            return krait_realloc(block, size);
        };
        const std::size_t wanted = as_array == 3 ? (1 + size / 7) * 7 : size;
        if (live_.empty() || from_.once_in(16)) return gained_anew(change(nullptr), wanted);
        const live_block old = live_.remove(from_.below(live_.size()));
        const bool stays = process::the_heap.owns(old.start) && realloc_keeps_block(wanted, old.usable);
        void* const block = change(old.start);
        ++calls_;
        if (wanted == 0) return KRAIT_REQUIRE(block == nullptr);
        KRAIT_REQUIRE(block != nullptr);
        KRAIT_REQUIRE(!stays || block == old.start);
        const live_block moved{static_cast<unsigned char*>(block), wanted, 0, old.pattern};
        KRAIT_REQUIRE(moved.holds(std::min(old.requested, wanted)));
        gained(block, wanted, G::alignment);
    }

    void free(std::size_t index) {
        KRAIT_REQUIRE(krait_malloc_usable_size(live_[index].start) == live_[index].usable);
        const live_block old = live_.remove(index);
        errno = no_error;
        switch (++calls_ % 3) {
        case 0:
            krait_free(old.start);
            break;
        case 1:
            krait_free_sized(old.start, old.requested);
            break;
        case 2:
            krait_free_aligned_sized(old.start, G::alignment, old.requested);
        }
        KRAIT_REQUIRE(errno == no_error);
    }

    void free_some() {
        selection which(from_, live_.size());
        repeat(std::min(choose_count(from_), live_.size()), [&] { free(which.next(live_.size())); });
    }

    void give_back() {
        if (from_.below(2) == 0) {
            const int went = krait_malloc_trim(from_.below(1 << 20));
            KRAIT_REQUIRE(went == 0 || went == 1);
        } else {
            KRAIT_REQUIRE(krait_collect() % G::pool_size == 0);
        }
        krait_stats now;
        krait_stats_get(&now, sizeof now);
        KRAIT_REQUIRE(now.bytes_purged == now.bytes_free_pools && now.bytes_retained == 0 && now.bytes_cached == 0);
    }

    static void refused(const void* result, int expected) {
        KRAIT_REQUIRE(result == nullptr && errno == expected);
        errno = 0;
    }

    // Sizes that nobody has, and nothing: refused, with errno set, and no block lost.
    void ask_absurdly() {
        if (absurd_++ >= 2) return; // each is a line of the address sanitizer's
        const std::size_t most = SIZE_MAX - from_.below(2) * (SIZE_MAX / 2) - from_.below(4096);
        errno = 0;
        switch (from_.below(6)) {
        case 0:
            refused(krait_malloc(most), ENOMEM);
            break;
        case 1:
            refused(krait_calloc(most / 3, 4), ENOMEM);
            break;
        case 2:
            refused(krait_memalign(SIZE_MAX / 2 + 2 + from_.below(4096), 8), EINVAL);
            refused(krait_aligned_alloc(64, most), ENOMEM);
            break;
        case 3:
            if (live_.empty()) break;
            refused(krait_realloc(live_[0].start, most), ENOMEM);
            refused(krait_reallocarray(live_[0].start, most / 3, 4), ENOMEM);
            break;
        case 4: {
            void* block = this;
            KRAIT_REQUIRE(krait_posix_memalign(&block, 64, most) == ENOMEM && block == this && errno == ENOMEM);
            errno = 0;
            KRAIT_REQUIRE(krait_posix_memalign(&block, 24, 8) == EINVAL && block == this && errno == 0);
            break;
        }
        case 5:
            krait_free(nullptr);
            KRAIT_REQUIRE(krait_malloc_usable_size(nullptr) == 0 && errno == 0);
        }
    }

    // A caller built with a shorter or longer struct gets the same numbers, and nothing is written beyond it.
    void look_shortened() {
        krait_stats whole;
        krait_stats_get(&whole, sizeof whole);
        std::array<unsigned char, sizeof whole + 64> raw;
        raw.fill(0xaa);
        const std::size_t size = from_.below(raw.size());
        auto* const shortened = reinterpret_cast<krait_stats*>(raw.data());
        KRAIT_REQUIRE(krait_stats_get(shortened, size) == sizeof whole);
        const std::size_t heap_part = offsetof(krait_stats, system_in_use);
        KRAIT_REQUIRE(std::memcmp(raw.data(), &whole, std::min(size, heap_part)) == 0);
        for (std::size_t i = sizeof whole; i < size; ++i) KRAIT_REQUIRE(raw[i] == 0);
        for (std::size_t i = size; i < raw.size(); ++i) KRAIT_REQUIRE(raw[i] == 0xaa);
    }

    input from_;
    live_blocks live_;
    std::size_t calls_ = 0;
    unsigned absurd_ = 0;
};

} // namespace

} // namespace krait::fuzz

// Absurd sizes are refused here, as elsewhere; without this the address sanitizer takes them for an error of the program.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
    return "allocator_may_return_null=1";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    krait::fuzz::session(krait::fuzz::input({data, size})).run();
    return 0;
}
