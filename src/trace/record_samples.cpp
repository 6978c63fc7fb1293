// Some allocations, chosen by the bytes that are asked for (sampler.hpp), and the releases of these.
#include "os/memory.hpp"
#include "trace/put_event.hpp"
#include "trace/sampler.hpp"

namespace krait::trace {

namespace {

using aside = event_aside::kind;

constinit std::atomic<std::uint32_t> samplers{0};     // threads that take samples
constinit thread_local std::int64_t until_sample = 0; // bytes
constinit thread_local sampler own_sampler;
constinit thread_local bool has_sampler = false;

[[gnu::noinline]] void sample_allocation(const void* frame, void* block, std::size_t size, bool by_realloc) noexcept {
    if (KRAIT_UNLIKELY(!has_sampler)) {
        has_sampler = true;
        const std::uint64_t number = std::uint64_t{samplers.fetch_add(1, std::memory_order_relaxed)} + 1;
        own_sampler.seed(the_session.chosen.seed != 0 ? the_session.chosen.seed * 0x9e3779b97f4a7c15 + number
                                                      : os::random_of_process() ^ os::ticks() ^ number << 48);
        until_sample += static_cast<std::int64_t>(own_sampler.next_distance(the_session.chosen.mean_bytes));
        if (until_sample > 0) return;
    }
    until_sample = static_cast<std::int64_t>(own_sampler.next_distance(the_session.chosen.mean_bytes));
    if (block == nullptr) return;
    stream* const s = own_stream();
    if (s == nullptr) return;
    if (s->is_busy.load(std::memory_order_relaxed)) {
        the_session.lost.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    become_busy(*s);
    const std::uint32_t stack = stack_of(*s, frame);
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (the_session.samples.add({address, size, stack, s->index})) {
        put_alloc(*s, std::max(s->stamp, stamp_of_arrival()), stack, address, size, by_realloc);
    } else {
        the_session.lost.fetch_add(1, std::memory_order_relaxed);
    }
    be_free_again(*s);
}

constexpr std::size_t at_least_one(std::size_t size) noexcept { return size + (size == 0 ? 1 : 0); }

void allocated_sampled(const void* frame, void* block, std::size_t size) noexcept {
    until_sample -= static_cast<std::int64_t>(at_least_one(size));
    if (KRAIT_UNLIKELY(until_sample <= 0)) sample_allocation(frame, block, size, false);
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

[[gnu::noinline]] void free_sample(std::uintptr_t address, std::uint64_t stamp) noexcept {
    live_block taken;
    if (the_session.samples.remove(address, taken)) put_sample_free(address, stamp, false);
}

void freeing_sampled(void* block) noexcept {
    if (KRAIT_LIKELY(block != nullptr)) the_session.python.freeing(block);
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (KRAIT_UNLIKELY(the_session.samples.may_hold(address))) free_sample(address, stamp_of_release());
}

// The sample that a realloc under way took out before the core had it (record_all.cpp, moment).
constinit thread_local live_block taken_sample{};

std::uint64_t moment_sampled(void* old) noexcept {
    the_session.python.freeing(old);
    const auto address = reinterpret_cast<std::uintptr_t>(old);
    const std::uint64_t now = stamp_of_release();
    if (KRAIT_UNLIKELY(the_session.samples.may_hold(address))) the_session.samples.remove(address, taken_sample);
    return now;
}

void reallocated_sampled(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept {
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
    if (block == nullptr) return;
    until_sample -= static_cast<std::int64_t>(at_least_one(size));
    if (KRAIT_UNLIKELY(until_sample <= 0)) sample_allocation(frame, block, size, true);
}

} // namespace

constexpr hook_table sampled_allocations{allocated_sampled,   freeing_sampled, moment_sampled,
                                         reallocated_sampled, mapped,          unmapping};

} // namespace krait::trace
