#include "trace/profile.hpp"

#include "trace/live_blocks.hpp"
#include "trace/location_table.hpp"
#include "trace/mapped_ranges.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace krait::tools {

namespace {

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

// What is live at the peak, kept for each place without copying all at each new peak: a place is brought up to date
// when it changes, to what it was at the last peak before.
//   at_peak is right for a place with peak == the number of peaks; for the others it is what is live now
struct place_state {
    amount live, at_peak;
    std::uint64_t peak = 0;
    std::uint32_t movement = none; // in the bucket at hand
};

class builder final : public trace_visitor {
  public:
    builder(trace_source& trace, const profile_request& request)
        : trace_(trace), request_(request), locations_(made_),
          bucket_count_(std::bit_ceil(std::max<std::size_t>(2, request.buckets))) {}

    profile take() {
        finish();
        return std::move(made_);
    }

    void on_start(const trace_start& start) override { made_.start = start; }
    void on_modules(std::uint64_t, const std::vector<trace_module>& now) override { locations_.modules(now); }
    void on_frame_node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) override {
        locations_.node(id, parent, pc);
    }
    void on_code(std::uint32_t id, std::string_view file, std::string_view function, std::uint32_t) override {
        if (made_.codes.size() <= id) made_.codes.resize(std::size_t{id} + 1);
        made_.codes[id] = {std::string(file), std::string(function)};
    }
    void on_thread(std::uint32_t index, std::uint32_t tid, std::string_view name) override {
        if (made_.threads.size() <= index) made_.threads.resize(std::size_t{index} + 1);
        made_.threads[index] = {tid, std::string(name)};
    }
    void on_sample(const trace::sample_record& sample) override {
        samples_.push_back(sample);
        last_stamp_ = std::max(last_stamp_, sample.stamp);
    }
    void on_end(const trace::end_record* end) override {
        made_.is_whole = end != nullptr;
        if (end == nullptr) return;
        made_.lost = end->lost;
        last_stamp_ = end->stamp;
    }

    void on_events_begin(std::uint64_t count) override {
        events_expected_ = count;
        made_.buckets.resize(bucket_count_);
        if (made_.nodes.empty()) made_.nodes.resize(1);
        first_stamp_ = made_.start.numbers.stamp;
        last_stamp_ = std::max(last_stamp_, first_stamp_ + 1);
        made_.seconds = static_cast<double>(trace_.nanoseconds_at(last_stamp_)) / 1e9;
        next_bucket_at_ = begin_of(1);
    }

    void on_event(const trace_event& event) override {
        if ((++made_.events & 0xffff) == 0 && request_.listener != nullptr)
            request_.listener->done(static_cast<double>(made_.events) / static_cast<double>(events_expected_));
        while (event.stamp >= next_bucket_at_ && bucket_ + 1 < bucket_count_) enter_next_bucket();
        switch (event.kind) {
        case trace_event_kind::alloc:
            return allocated(event);
        case trace_event_kind::free:
            return released(event);
        case trace_event_kind::map:
            return mapped(event);
        case trace_event_kind::unmap:
            return unmapped(event);
        }
    }

    bool is_live(std::uint64_t address) const override { return blocks_.has(address); }

  private:
    // Time.

    std::uint64_t begin_of(std::size_t bucket) const {
        if (bucket >= bucket_count_) return std::numeric_limits<std::uint64_t>::max();
        const auto from_start =
            static_cast<std::uint64_t>(static_cast<double>(trace_.nanoseconds_at(last_stamp_)) *
                                       static_cast<double>(bucket) / static_cast<double>(bucket_count_));
        std::uint64_t low = first_stamp_, high = last_stamp_;
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            if (trace_.nanoseconds_at(middle) < from_start)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    void leave_bucket() {
        made_.buckets[bucket_].at_end = live_.bytes;
        for (std::size_t i = bucket_begin_; i < made_.movements.size(); ++i)
            states_[made_.movements[i].place].movement = none;
        bucket_begin_ = made_.movements.size();
    }

    void enter_next_bucket() {
        leave_bucket();
        const bool is_pair = bucket_ % 2 == 1 && bucket_count_ > 2;
        if (is_pair && made_.movements.size() > request_.most_movements) join_buckets();
        ++bucket_;
        made_.buckets[bucket_].highest = live_.bytes;
        next_bucket_at_ = begin_of(bucket_ + 1);
    }

    // Two buckets become one. The one at hand is the second of its pair and done; those ahead are empty still.
    void join_buckets() {
        bucket_count_ /= 2;
        for (std::size_t i = 0; i < bucket_count_; ++i) {
            const time_bucket first = made_.buckets[2 * i];
            const time_bucket second = made_.buckets[2 * i + 1];
            made_.buckets[i] = {std::max(first.highest, second.highest), second.at_end, 0};
        }
        made_.buckets.resize(bucket_count_);
        bucket_ /= 2;
        std::vector<movement> joined;
        for (const movement& each : made_.movements) {
            const std::uint32_t half = each.bucket / 2;
            std::uint32_t& known = states_[each.place].movement;
            if (known == none || joined[known].bucket != half) {
                known = static_cast<std::uint32_t>(joined.size());
                joined.push_back({half, each.place, {}, {}});
            }
            joined[known].allocated += each.allocated;
            joined[known].released += each.released;
        }
        for (place_state& each : states_) each.movement = none;
        made_.movements = std::move(joined);
        bucket_begin_ = made_.movements.size();
    }

    movement& movement_of(std::uint32_t place) {
        std::uint32_t& known = states_[place].movement;
        if (known == none) {
            known = static_cast<std::uint32_t>(made_.movements.size());
            made_.movements.push_back({static_cast<std::uint32_t>(bucket_), place, {}, {}});
        }
        return made_.movements[known];
    }

    // Places.

    std::uint32_t place_of(std::uint32_t stack, std::uint32_t thread, bool is_mapping) {
        const std::uint64_t key = (std::uint64_t{stack} << 32 | thread) * 2 + is_mapping;
        // A stack has 31 bits here; there are never that many.
        const auto [known, is_new] = place_index_.try_emplace(key, static_cast<std::uint32_t>(states_.size()));
        if (is_new) {
            states_.emplace_back();
            made_.places.push_back({stack < made_.nodes.size() ? stack : 0, thread, is_mapping, {}});
        }
        return known->second;
    }

    // Before what is live of a place changes.
    void keep_peak(place_state& state, std::uint64_t peaks) {
        if (state.peak == peaks) return;
        state.at_peak = state.live;
        state.peak = peaks;
    }

    amount weighed(std::uint64_t size) const {
        const auto bytes = static_cast<double>(size);
        if (!made_.is_sampled()) return {1, bytes};
        const double weight = sample_weight(size, made_.start.numbers.mean_bytes);
        return {weight, std::round(bytes * weight)};
    }

    // Events.

    void allocated(const trace_event& event) {
        const std::uint32_t place = place_of(event.stack, event.thread, false);
        if (orders_.size() <= event.thread) orders_.resize(std::size_t{event.thread} + 1);
        const live_block block{event.address, event.size, place, ++orders_[event.thread]};
        // One live already: its release is missing, as where the trace lost events.
        while (!blocks_.add(block)) {
            const live_block old = blocks_.take(event.address);
            let_go(old, false);
        }
        const amount cost = weighed(event.size);
        place_state& state = states_[place];
        keep_peak(state, peaks_);
        state.live += cost;
        live_ += cost;
        made_.places[place].cost.allocated += cost;
        movement_of(place).allocated += cost;
        if (live_.bytes > made_.total.at_peak.bytes) {
            ++peaks_;
            made_.total.at_peak = live_;
            peak_stamp_ = event.stamp;
        }
        time_bucket& now = made_.buckets[bucket_];
        now.highest = std::max(now.highest, live_.bytes);
    }

    void released(const trace_event& event) {
        const live_block block = blocks_.take(event.address);
        if (block.address == 0) {
            ++made_.strangers;
            return;
        }
        const profile_place& place = made_.places[block.place];
        // Of samples it is not known how many allocations lie between.
        const bool is_temporary = !made_.is_sampled() && !event.by_realloc && place.thread == event.thread &&
                                  orders_[event.thread] - block.order <= request_.between;
        let_go(block, is_temporary);
    }

    void let_go(const live_block& block, bool is_temporary) {
        const amount cost = weighed(block.size);
        place_state& state = states_[block.place];
        keep_peak(state, peaks_);
        state.live -= cost;
        live_ -= cost;
        movement_of(block.place).released += cost;
        if (is_temporary) made_.places[block.place].cost.temporary += cost;
    }

    void mapped(const trace_event& event) {
        unmapped(event);
        const std::uint32_t place = place_of(event.stack, event.thread, true);
        ranges_.add(event.address, event.address + event.size, place);
        const amount cost{1, static_cast<double>(event.size)};
        place_state& state = states_[place];
        keep_peak(state, mapped_peaks_);
        state.live += cost;
        mapped_ += cost;
        made_.places[place].cost.allocated += cost;
        movement_of(place).allocated += cost;
        if (mapped_.bytes > made_.mappings.at_peak.bytes) {
            ++mapped_peaks_;
            made_.mappings.at_peak = mapped_;
        }
    }

    void unmapped(const trace_event& event) {
        ranges_.take(event.address, event.address + event.size,
                     [&](std::uint32_t place, std::uint64_t bytes, bool is_whole) {
                         const amount cost{is_whole ? 1.0 : 0.0, static_cast<double>(bytes)};
                         keep_peak(states_[place], mapped_peaks_);
                         states_[place].live -= cost;
                         mapped_ -= cost;
                         movement_of(place).released += cost;
                     });
    }

    // The end.

    void finish() {
        leave_bucket();
        for (std::size_t i = 0; i < states_.size(); ++i) {
            profile_place& place = made_.places[i];
            keep_peak(states_[i], place.is_mapping ? mapped_peaks_ : peaks_);
            place.cost.at_peak = states_[i].at_peak;
            place.cost.at_end = states_[i].live;
            // Estimates are sums and differences of rounded numbers: what is nothing need not come out as nothing.
            if (std::abs(place.cost.at_end.calls) < 1e-6) place.cost.at_end.calls = 0;
            metrics& sum = place.is_mapping ? made_.mappings : made_.total;
            sum.allocated += place.cost.allocated;
            sum.temporary += place.cost.temporary;
            sum.at_end += place.cost.at_end;
        }
        made_.buckets.resize(std::min(made_.buckets.size(), bucket_count_));
        made_.peak_seconds = static_cast<double>(trace_.nanoseconds_at(peak_stamp_)) / 1e9;
        add_resident();
        for (std::size_t after = bucket_ + 1; after < made_.buckets.size(); ++after)
            made_.buckets[after].highest = made_.buckets[after].at_end = live_.bytes;
        if (request_.listener != nullptr) request_.listener->done(1);
    }

    void add_resident() {
        std::sort(samples_.begin(), samples_.end(), [](const auto& a, const auto& b) { return a.stamp < b.stamp; });
        std::size_t next = 0;
        double last = 0;
        for (std::size_t i = 0; i < made_.buckets.size(); ++i) {
            const std::uint64_t end = begin_of(i + 1);
            for (; next < samples_.size() && samples_[next].stamp < end; ++next) {
                last = static_cast<double>(samples_[next].resident);
                made_.peak_resident = std::max(made_.peak_resident, last);
            }
            made_.buckets[i].resident = last;
        }
    }

    trace_source& trace_;
    const profile_request& request_;
    profile made_;
    location_table locations_;
    std::vector<trace::sample_record> samples_;
    std::uint64_t first_stamp_ = 0, last_stamp_ = 0, peak_stamp_ = 0;
    std::uint64_t events_expected_ = 1;

    std::size_t bucket_count_;
    std::size_t bucket_ = 0;
    std::uint64_t next_bucket_at_ = std::numeric_limits<std::uint64_t>::max();
    std::size_t bucket_begin_ = 0; // of the movements

    live_blocks blocks_;
    mapped_ranges ranges_;
    std::vector<std::uint32_t> orders_; // allocations made, by thread
    std::vector<place_state> states_;   // by place
    std::unordered_map<std::uint64_t, std::uint32_t> place_index_;
    amount live_, mapped_;
    std::uint64_t peaks_ = 0, mapped_peaks_ = 0;
};

} // namespace

profile read_profile(trace_source& trace, const profile_request& request) {
    builder build(trace, request);
    trace.read(build);
    return build.take();
}

} // namespace krait::tools
