#include "trace.hpp"

#include <utility>

namespace krait::model {

trace::trace(std::uint64_t seed, std::size_t length) : random_(seed), steps_left_(length) {}

std::optional<step> trace::next() {
    if (steps_left_ == 0) {
        if (live_.empty()) return std::nullopt;
        return release(phase_.releases);
    }
    --steps_left_;
    if (phase_.steps_left == 0) phase_ = new_phase();
    --phase_.steps_left;

    if (live_.empty()) return allocation();
    if (percent(phase_.reallocate_percent)) return reallocation();
    if (live_.size() < most_live && percent(phase_.allocate_percent)) return allocation();
    return release(phase_.releases);
}

trace::phase trace::new_phase() {
    static constexpr std::size_t tendencies[] = {97, 80, 60, 52, 50, 48, 30, 10, 2};
    static constexpr std::size_t reallocations[] = {0, 0, 2, 15, 60};
    static constexpr order orders[] = {order::newest_first, order::oldest_first, order::random};

    phase p;
    p.steps_left = std::size_t{1} << below(17);
    p.allocate_percent = tendencies[below(std::size(tendencies))];
    p.reallocate_percent = reallocations[below(std::size(reallocations))];
    p.smallest = 1 + below(layout::largest_small);
    p.largest = p.smallest;
    switch (below(3)) {
    case 0:
        break; // one size only
    case 1:
        p.largest += below(layout::largest_small - p.smallest + 1);
        break;
    default:
        p.smallest = 1, p.largest = layout::largest_small;
    }
    p.releases = orders[below(std::size(orders))];
    return p;
}

step trace::allocation() {
    std::size_t slot = slots_;
    if (vacant_.empty()) {
        ++slots_;
    } else {
        slot = vacant_.back();
        vacant_.pop_back();
    }
    live_.push_back(slot);
    return {action::allocate, slot, size()};
}

step trace::reallocation() { return {action::reallocate, live_[below(live_.size())], size()}; }

step trace::release(order which) {
    if (which == order::random) std::swap(live_[below(live_.size())], live_.back());
    const bool from_front = which == order::oldest_first;
    const std::size_t slot = from_front ? live_.front() : live_.back();
    from_front ? live_.pop_front() : live_.pop_back();
    vacant_.push_back(slot);
    return {action::release, slot, 0};
}

// One size in 256 is none that a pool could hold: 0, or a little more than the largest.
std::size_t trace::size() {
    if (below(256) == 0) return below(2) * (layout::largest_small + 1 + below(100));
    return phase_.smallest + below(phase_.largest - phase_.smallest + 1);
}

// The library's distributions may differ between implementations; the remainder does not, and its bias is harmless.
std::size_t trace::below(std::size_t bound) { return random_() % bound; }

} // namespace krait::model
