// Sums over the threads: what each counts is its own, and a recent value to anybody else.
#include "core/process_life.hpp"

namespace krait::process {

namespace {

template <class F>
std::uint64_t sum_of_threads(F&& number) noexcept {
    std::uint64_t sum = 0;
    the_threads.each([&](const record_type& each) { sum += number(each); });
    return sum;
}

} // namespace

void take_stock() noexcept {
    open();
    if (KRAIT_LIKELY(!has_orphans())) return;
    const inside_scope inside(record_of_mine());
    if (inside.is_in()) settle(inside.own());
}

std::uint64_t cached_blocks(unsigned szidx) noexcept {
    return the_depot.blocks(szidx) +
           sum_of_threads([szidx](const record_type& each) { return each.cache.blocks(szidx); });
}

std::uint64_t count_caches() noexcept {
    return sum_of_threads(
        [](const record_type& each) { return each.cache.is_started() && the_threads.has_thread(each) ? 1u : 0u; });
}

std::uint64_t count_large_cached() noexcept {
    return sum_of_threads([](const record_type& each) { return each.cache.large().held().get(); });
}

void count_passthrough(passthrough_counters& sum) noexcept {
    the_threads.each([&](const record_type& each) { sum.add(each.passthrough); });
}

} // namespace krait::process
