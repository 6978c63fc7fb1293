#include "trace/same_moment.hpp"

#include <algorithm>
#include <random>

namespace krait::tools {

namespace {

bool is_of_block(const trace_event& event) {
    return event.kind == trace_event_kind::alloc || event.kind == trace_event_kind::free;
}

} // namespace

void same_moment::find_shared(const trace_visitor& visitor) {
    addresses_.clear();
    shared_.clear();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        for (std::size_t at = rows_[i].begin; at != rows_[i].end; ++at) {
            if (is_of_block(events_[at])) addresses_.emplace_back(events_[at].address, i);
        }
    }
    std::sort(addresses_.begin(), addresses_.end());
    for (std::size_t i = 1; i < addresses_.size(); ++i) {
        const auto& [address, of_row] = addresses_[i];
        const bool is_shared = addresses_[i - 1].first == address && addresses_[i - 1].second != of_row;
        if (is_shared && (shared_.empty() || shared_.back().address != address))
            shared_.push_back({address, visitor.is_live(address), 0});
    }
    for (const trace_event& event : events_) {
        if (event.kind != trace_event_kind::alloc) continue;
        if (shared_address* const known = shared(event)) ++known->allocations;
    }
}

same_moment::shared_address* same_moment::shared(const trace_event& event) {
    if (!is_of_block(event)) return nullptr;
    const auto found =
        std::lower_bound(shared_.begin(), shared_.end(), event.address,
                         [](const shared_address& each, std::uint64_t address) { return each.address < address; });
    return found != shared_.end() && found->address == event.address ? &*found : nullptr;
}

bool same_moment::is_ready(const row& of) {
    if (of.next == of.end) return false;
    const trace_event& event = events_[of.next];
    if (event.kind == trace_event_kind::map) return false;
    const shared_address* const known = shared(event);
    return known == nullptr || known->is_live == (event.kind == trace_event_kind::free);
}

void same_moment::go_on(row& with) {
    order_.push_back(with.next);
    const trace_event& event = events_[with.next++];
    shared_address* const known = shared(event);
    if (known == nullptr) return;
    known->is_live = event.kind == trace_event_kind::alloc;
    if (known->is_live) --known->to_come;
}

bool same_moment::may_step(std::uint64_t steps) {
    if (steps > most_steps_ - steps_) return false;
    steps_ += steps;
    return true;
}

// Settles an order: the first by rows as they are, the others by chance. False if it got stuck.
bool same_moment::arrange(unsigned attempt, bool is_last) {
    order_.clear();
    for (row& each : rows_) each.next = each.begin;
    for (shared_address& each : shared_) {
        each.is_live = each.was_live;
        each.to_come = each.allocations;
    }
    bool may_choose = attempt == 0 || may_step(rows_.size() + shared_.size());
    std::minstd_rand chance(attempt + 1);
    while (order_.size() != events_.size()) {
        const std::size_t first = attempt == 0 ? 0 : chance() % rows_.size();
        row* next = nullptr;
        row* stuck = nullptr;
        row* stranger = nullptr;
        for (std::size_t i = 0; i != rows_.size(); ++i) {
            may_choose = may_choose && may_step(1);
            if (!may_choose) {
                arrange_rest();
                return true;
            }
            row& each = rows_[(first + i) % rows_.size()];
            if (each.next == each.end) continue;
            if (is_ready(each)) {
                next = &each;
                break;
            }
            const trace_event& event = events_[each.next];
            const shared_address* const known = shared(event);
            // A mapping, or a release where no allocation is to come.
            if (known == nullptr ||
                (stranger == nullptr && known->to_come == 0 && event.kind == trace_event_kind::free))
                stranger = &each;
            stuck = &each;
        }
        if (next == nullptr) next = stranger;
        if (next == nullptr && is_last) next = stuck;
        if (next == nullptr) return false;
        go_on(*next);
    }
    return true;
}

void same_moment::arrange_rest() {
    for (row& each : rows_) {
        while (each.next != each.end) order_.push_back(each.next++);
    }
}

void same_moment::tell(trace_visitor& visitor) {
    find_shared(visitor);
    most_steps_ += steps_per_event * events_.size();
    constexpr unsigned most_attempts = 1000;
    for (unsigned attempt = 0; attempt != most_attempts && !arrange(attempt, attempt + 1 == most_attempts); ++attempt) {
    }
    for (const std::size_t each : order_) visitor.on_event(events_[each]);
    events_.clear();
    rows_.clear();
}

} // namespace krait::tools
