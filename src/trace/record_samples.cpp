// Some allocations, chosen by the bytes that are asked for (sampler.hpp), and the releases of these.
//
//   a sample's block is the system allocator's   =>   free and realloc of blocks in krait's range look for no sample
//
// So the block that a pool or run gave is exchanged for one of the system allocator's as soon as it is a sample.
//
//   counted in before_sample (hooks.hpp) ─► below 0 ─► sample_allocation ─► stack_of, move_to_system, live_samples
#include "core/process_large.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "trace/put_event.hpp"
#include "trace/sampler.hpp"

namespace krait::trace {

namespace {

using aside = event_aside::kind;

constinit std::atomic<std::uint32_t> samplers{0}; // threads that take samples
constinit thread_local sampler own_sampler;
constinit thread_local bool has_sampler = false;

void draw_next() noexcept {
    before_sample = static_cast<std::int64_t>(own_sampler.next_distance(the_session.chosen.mean_bytes)) - 1;
}

// Of a thread's first request. Whether it is a sample.
[[gnu::noinline, gnu::cold]] bool begin_sampling() noexcept {
    has_sampler = true;
    const std::uint64_t number = std::uint64_t{samplers.fetch_add(1, std::memory_order_relaxed)} + 1;
    own_sampler.seed(the_session.chosen.seed != 0 ? the_session.chosen.seed * 0x9e3779b97f4a7c15 + number
                                                  : os::random_of_process() ^ os::ticks() ^ number << 48);
    const std::int64_t asked_for = -before_sample;
    draw_next();
    before_sample -= asked_for;
    return before_sample < 0;
}

// A signal handler may fork or ask for small blocks wherever it comes, and so never while the system allocator is asked
// for a small one in the program's stead: it would find its locks held.
void* moved_unseen(void* block, std::size_t size, std::size_t alignment) noexcept {
    std::optional<os::signals_blocked> until_moved;
    block_signals(until_moved);
    return process::move_to_system(block, size, alignment);
}

// The block, or what takes its place.
[[gnu::noinline]] void* sample_allocation(const void* frame, void* block, std::size_t size, std::size_t alignment,
                                          bool by_realloc) noexcept {
    if (KRAIT_UNLIKELY(!has_sampler) && !begin_sampling()) return block;
    draw_next();
    if (block == nullptr) return nullptr;
    stream* const s = own_stream();
    if (s == nullptr) return block;
    if (s->is_busy.load(std::memory_order_relaxed)) {
        the_session.lost.fetch_add(1, std::memory_order_relaxed);
        return block;
    }
    const os::errno_kept keep;
    become_busy(*s);
    the_session.python.codes_may_be_gone();
    const std::uint32_t stack = stack_of(*s, frame);
    void* const outside = moved_unseen(block, size, alignment);
    const auto address = reinterpret_cast<std::uintptr_t>(outside);
    if (outside != nullptr && the_session.samples.add({address, size, stack, s->index})) {
        put_alloc(*s, std::max(s->stamp, stamp_of_arrival()), stack, address, size, by_realloc);
    } else {
        the_session.lost.fetch_add(1, std::memory_order_relaxed);
    }
    be_free_again(*s);
    return outside != nullptr ? outside : block;
}

constexpr std::int64_t at_least_one(std::size_t size) noexcept {
    return static_cast<std::int64_t>(size + (size == 0 ? 1 : 0));
}

void* allocated_sampled(const void* frame, void* block, std::size_t size, std::size_t alignment) noexcept {
    before_sample -= at_least_one(size);
    return KRAIT_UNLIKELY(before_sample < 0) ? sample_allocation(frame, block, size, alignment, false) : block;
}

void put_sample_free(std::uintptr_t address, std::uint64_t stamp, bool by_realloc) noexcept {
    stream* const s = own_stream();
    if (s == nullptr) return;
    if (s->is_busy.load(std::memory_order_relaxed))
        return put_aside(*s, {stamp, address, 0, 0, aside::free, by_realloc});
    become_busy(*s);
    put_free(*s, std::max(stamp, s->stamp), address, by_realloc);
    be_free_again(*s);
}

[[gnu::noinline]] bool free_sample(void* block, std::uint64_t stamp) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    live_block taken;
    if (!the_session.samples.remove(address, taken)) return false;
    put_sample_free(address, stamp, false);
    std::optional<os::signals_blocked> until_freed; // as in moved_unseen
    block_signals(until_freed);
    process::deallocate_foreign(block);
    return true;
}

bool freeing_sampled(void* block) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    return KRAIT_UNLIKELY(the_session.samples.may_hold(address)) && free_sample(block, stamp_of_release());
}

// The sample that a realloc under way took out before the core had it (record_all.cpp, moment).
constinit thread_local live_block taken_sample{};

std::uint64_t moment_sampled(void* old) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(old);
    const std::uint64_t now = stamp_of_release();
    if (KRAIT_UNLIKELY(the_session.samples.may_hold(address))) the_session.samples.remove(address, taken_sample);
    return now;
}

void* reallocated_sampled(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(old);
    if (KRAIT_UNLIKELY(taken_sample.address == address)) {
        const live_block taken = taken_sample;
        taken_sample = {};
        if (block != nullptr || size == 0) {
            put_sample_free(address, moment, true);
        } else {
            the_session.samples.add(taken);
        }
    }
    if (block == nullptr) return nullptr;
    before_sample -= at_least_one(size);
    return KRAIT_UNLIKELY(before_sample < 0) ? sample_allocation(frame, block, size, 0, true) : block;
}

} // namespace

constexpr hook_table sampled_allocations{allocated_sampled,   freeing_sampled, moment_sampled,
                                         reallocated_sampled, mapped,          unmapping};

} // namespace krait::trace
