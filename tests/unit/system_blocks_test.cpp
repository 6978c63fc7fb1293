// The counting of the system allocator's blocks in the linked core: when a trim follows, and where none may.
#include "core/process_life.hpp"
#include "core/system_blocks.hpp"
#include "os/memory.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

namespace process = krait::process;
namespace system_blocks = krait::system_blocks;

namespace {

constexpr std::size_t size = 100'000; // no large cache keeps such blocks, and none has a mapping of its own
constexpr std::size_t count = 300;

std::uint64_t trims() { return process::the_self_trim.times(); }

// 28 MiB. The callers keep a block behind them, so that glibc cannot give the end of its heap back.
std::vector<void*> blocks_taken() {
    std::vector<void*> blocks(count);
    for (void*& each : blocks) each = std::memset(process::allocate(size), 1, size);
    return blocks;
}

void release(std::vector<void*>& blocks) {
    for (void* const each : blocks) process::deallocate(each);
    blocks.clear();
}

struct learned_to_keep { // what a case before taught to expect again
    learned_to_keep() {
        process::open();
        process::the_self_trim.open({true, 1'000'000, 0});
    }
};

} // namespace

TEST_CASE("the system allocator is trimmed while blocks are freed") {
    const learned_to_keep none;
    auto blocks = blocks_taken();
    void* const last = process::allocate(size);
    const std::uint64_t before = trims();
    errno = 77;
    release(blocks);
    CHECK(errno == 77);
    CHECK(trims() > before);
    process::deallocate(last);
}

TEST_CASE("not in a signal handler that interrupted the system allocator") {
    const learned_to_keep none;
    void* const first = process::allocate(size);
    auto blocks = blocks_taken();
    void* const last = process::allocate(size);
    const std::uint64_t before = trims();
    {
        const system_blocks::in_system interrupted;
        release(blocks);
        CHECK(trims() == before);
        CHECK_FALSE(system_blocks::trim(0)); // as near the limit
        CHECK(trims() == before);
        CHECK(system_blocks::unreported.is_in_system); // the inner calls leave it as it was
    }
    CHECK_FALSE(system_blocks::unreported.is_in_system);
    process::deallocate(first);
    CHECK(trims() == before + 1); // what was put off
    process::deallocate(last);
}

TEST_CASE("not in krait's own code, as between the handlers of a fork") {
    const learned_to_keep none;
    void* const first = process::allocate(size);
    auto blocks = blocks_taken();
    void* const last = process::allocate(size);
    const std::uint64_t before = trims();
    {
        const process::busy_scope busy;
        release(blocks);
    }
    CHECK(trims() == before);
    process::deallocate(first);
    CHECK(trims() == before + 1);
    process::deallocate(last);
}

TEST_CASE("what a handler's slow path gives back waits for the system allocator that it interrupted, no longer") {
    constexpr std::size_t kept_size = 2000; // by large caches
    std::vector<void*> blocks(10);
    for (void*& each : blocks) each = process::allocate(kept_size);
    release(blocks);
    const process::record_type& own = *process::this_thread.record;
    REQUIRE(own.cache.large().held().get() != 0);
    {
        const system_blocks::in_system interrupted;
        process::collect();
        CHECK(own.cache.large().held().get() == 0);
        CHECK(system_blocks::waiting.load() != nullptr);
        system_blocks::settle();
        CHECK(system_blocks::waiting.load() != nullptr);
    }
    system_blocks::settle(); // as after every call of the system allocator
    CHECK(system_blocks::waiting.load() == nullptr);
}

TEST_CASE("what a thread counted is not lost with it") {
    const learned_to_keep none;
    const std::uint64_t used = process::the_self_trim.used();
    std::vector<void*> blocks;
    for (int i = 0; i < 200; ++i) {
        std::thread([&blocks] { blocks.push_back(process::allocate(20'000)); }).join();
    }
    const std::uint64_t taken = process::the_self_trim.used() - used;
    CHECK(taken > 199 * 20'000);
    release(blocks);
}

TEST_CASE("blocks with a mapping of their own are not counted: they go back by themselves") {
    const std::uint64_t used = process::the_self_trim.used();
    void* const large = process::allocate(std::size_t{64} << 20);
    CHECK(process::the_self_trim.used() - used < std::size_t{1} << 20);
    process::deallocate(large);
}
