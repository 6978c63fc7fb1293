// When glibc is told to keep more at the end of its heap: only once the program has paid for taking it again.
#include "core/heap_end.hpp"
#include "core/system_blocks.hpp"
#include "os/system_allocator.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <vector>

namespace {

constexpr std::size_t bound = std::size_t{4} << 20;
constexpr std::int64_t a_minute_ms = 60'000; // so long that a busy machine does not matter
constexpr std::size_t block_bytes = 100'000; // under glibc's first size for mappings

// A sanitizer's malloc has no heap with an end.
bool is_glibc_s_heap() { return mallinfo2().arena != 0 && krait::os::system_is_libc(); }

// Takes the end of the heap and gives it back, so often.
template <class End>
void swing(End& end, int times) {
    for (int i = 0; i < times; ++i) {
        std::vector<void*> blocks;
        for (int n = 0; n < 10; ++n) {
            blocks.push_back(krait::os::system_malloc(block_bytes));
            end.look();
        }
        for (; !blocks.empty(); blocks.pop_back()) {
            krait::os::system_free(blocks.back());
            end.look();
        }
        krait::os::system_trim(0);
        end.look();
    }
}

} // namespace

TEST_CASE("nothing more is kept until the end of the heap was taken again for 16 MiB") {
    if (!is_glibc_s_heap()) return;
    krait::heap_end end;
    end.open(bound, a_minute_ms);
    swing(end, 5); // 4 MiB
    CHECK(end.kept() == 0);
    swing(end, 30);
    CHECK(end.kept() >= 1'000'000);
    CHECK(end.kept() <= bound);
}

namespace {

// Sees whether signal handlers are told that this thread is in the system allocator.
class watched_end {
  public:
    watched_end() { end_.open(bound, a_minute_ms); }
    void look() {
        const auto* const before = krait::os::system_functions.exchange(&watching);
        end_.look();
        krait::os::system_functions.store(before);
    }

    static inline unsigned told = 0, untold = 0;

  private:
    static void count() { ++(krait::system_blocks::unreported.is_in_system ? told : untold); }
    static void* malloc(std::size_t bytes) {
        count();
        return std::malloc(bytes);
    }
    static void free(void* block) {
        count();
        std::free(block);
    }
    static constexpr krait::os::allocator_functions watching{malloc, nullptr, nullptr, nullptr, free};

    krait::heap_end end_;
};

} // namespace

TEST_CASE("signal handlers are told of the blocks by which glibc learns to keep more") {
    if (!is_glibc_s_heap()) return;
    watched_end end;
    swing(end, 35);
    CHECK(watched_end::told >= 2);
    CHECK(watched_end::untold == 0);
}

TEST_CASE("with a bound of 0, or without a window, nothing is learned") {
    krait::heap_end unbound, blind;
    unbound.open(0, a_minute_ms);
    blind.open(bound, -1);
    swing(unbound, 30);
    swing(blind, 30);
    CHECK(unbound.kept() == 0);
    CHECK(blind.kept() == 0);
}

TEST_CASE("a heap that only grows teaches nothing") {
    krait::heap_end end;
    end.open(bound, a_minute_ms);
    std::vector<void*> blocks;
    for (int i = 0; i < 400; ++i) {
        blocks.push_back(krait::os::system_malloc(block_bytes));
        end.look();
    }
    CHECK(end.kept() == 0);
    for (void* each : blocks) krait::os::system_free(each);
}

TEST_CASE("glibc is told to keep more also where its heap has room for the block that tells it") {
    if (!is_glibc_s_heap()) return;
    constexpr std::size_t least_mapped = std::size_t{4} << 20; // more than other cases have it learn
    std::vector<void*> blocks;
    for (int i = 0; i < 60; ++i) blocks.push_back(krait::os::system_malloc(block_bytes));
    void* const last = blocks.back(); // above all that is freed, which so stays in the heap
    blocks.pop_back();
    for (void* each : blocks) krait::os::system_free(each);
    CHECK(krait::os::let_system_keep(2 * least_mapped));
    const std::size_t before = mallinfo2().hblks;
    std::vector<void*> others;
    for (int i = 0; i < 8; ++i) others.push_back(krait::os::system_malloc(least_mapped - 100'000));
    CHECK(mallinfo2().hblks == before); // none of them is mapped
    for (void* each : others) krait::os::system_free(each);
    krait::os::system_free(last);
}
