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
            shared_.push_back({address, visitor.is_live(address)});
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
    if (shared_address* const known = shared(event)) known->is_live = event.kind == trace_event_kind::alloc;
}

// Whether an allocation there is still to come.
bool same_moment::comes_later(std::uint64_t address) const {
    for (const row& each : rows_) {
        for (std::size_t at = each.next; at != each.end; ++at) {
            if (events_[at].kind == trace_event_kind::alloc && events_[at].address == address) return true;
        }
    }
    return false;
}

// Settles an order: the first by rows as they are, the others by chance. False if it got stuck.
bool same_moment::arrange(unsigned attempt, bool is_last) {
    order_.clear();
    for (row& each : rows_) each.next = each.begin;
    for (shared_address& each : shared_) each.is_live = each.was_live;
    std::minstd_rand chance(attempt + 1);
    while (order_.size() != events_.size()) {
        const std::size_t first = attempt == 0 ? 0 : chance() % rows_.size();
        row* next = nullptr;
        row* stuck = nullptr;
        row* stranger = nullptr;
        for (std::size_t i = 0; i != rows_.size() && next == nullptr; ++i) {
            row& each = rows_[(first + i) % rows_.size()];
            if (is_ready(each)) next = &each;
            if (each.next == each.end) continue;
            const trace_event& event = events_[each.next];
            if (event.kind == trace_event_kind::map) stranger = &each;
            if (event.kind == trace_event_kind::free && stranger == nullptr && !comes_later(event.address))
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

void same_moment::tell(trace_visitor& visitor) {
    find_shared(visitor);
    constexpr unsigned most_attempts = 1000;
    for (unsigned attempt = 0; attempt != most_attempts && !arrange(attempt, attempt + 1 == most_attempts); ++attempt) {
    }
    for (const std::size_t each : order_) visitor.on_event(events_[each]);
    events_.clear();
    rows_.clear();
}

} // namespace krait::tools
