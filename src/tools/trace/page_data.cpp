#include "trace/page_data.hpp"

#include "trace/amount_text.hpp"
#include "trace/frame_tree.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>

namespace krait::tools {

namespace {

using nlohmann::json;

constexpr std::array shown_metrics{metric::peak, metric::end, metric::allocated, metric::temporary, metric::calls};

// The greatest share that the place has of any metric.
double weight_of(const metrics& cost, const metrics& total) {
    double most = 0;
    for (const metric each : shown_metrics)
        if (const double whole = value_of(total, each); whole > 0) most = std::max(most, value_of(cost, each) / whole);
    return most;
}

class data_maker {
  public:
    data_maker(const profile_filter& filter, const page_limits& limits) : filter_(filter), limits_(limits) {}

    std::string make(std::span<const page_side> sides) {
        for (std::size_t i = 0; i < sides.size(); ++i) add_side(sides[i], static_cast<int>(i));
        json all;
        all["frames"] = std::move(frames_);
        all["nodes"] = {{"parent", parents_}, {"frame", frames_of_nodes_}};
        all["threads"] = threads_;
        json libraries = json::array();
        for (const std::string& each : libraries_) libraries.push_back(text(each));
        all["libraries"] = std::move(libraries);
        all["texts"] = texts_in_order_; // once all are known
        all["sides"] = std::move(sides_);
        all["places"] = {{"node", nodes_of_places_}, {"thread", threads_of_places_}, {"side", sides_of_places_}};
        static constexpr std::array keys{"peak", "end", "bytes", "temporary", "calls"};
        for (std::size_t i = 0; i < keys.size(); ++i) {
            json values = json::array();
            for (const metrics& each : costs_) values.push_back(std::llround(value_of(each, shown_metrics[i])));
            all["places"][keys[i]] = std::move(values);
        }
        all["moves"] = {{"bucket", std::move(buckets_)},
                        {"place", std::move(move_places_)},
                        {"calls", std::move(move_calls_)},
                        {"bytes", std::move(move_bytes_)},
                        {"released", std::move(move_released_)}};
        add_head(all, sides);
        return all.dump(-1, ' ', false, json::error_handler_t::replace);
    }

  private:
    void add_side(const page_side& side, int number) {
        const profile& of = side.of;
        frame_tree tree(of, side.names);
        place_chooser chooser(of, side.names, filter_);
        const double least = least_weight(of);
        std::vector<std::uint32_t> page_place(of.places.size(), no_place);
        node_of_tree_.assign(1, 0);
        for (std::size_t i = 0; i < of.places.size(); ++i) {
            const profile_place& place = of.places[i];
            if (place.is_mapping || !chooser.is_chosen(place)) continue;
            const bool is_small = weight_of(place.cost, of.total) < least;
            const std::uint32_t node = is_small ? 0 : node_for(tree, tree.node_of(place.stack), side.names);
            const std::uint32_t made = place_for(node, thread_for(of, place.thread), number);
            page_place[i] = made;
            costs_[made] += place.cost;
        }
        add_time(of);
        if (number == 0) add_moves(of, page_place);
    }

    // So that no more than the limit are heavier.
    double least_weight(const profile& of) const {
        if (of.places.size() <= limits_.places) return 0;
        std::vector<double> weights;
        for (const profile_place& each : of.places)
            weights.push_back(each.is_mapping ? 0 : weight_of(each.cost, of.total));
        const auto at = weights.begin() + static_cast<std::ptrdiff_t>(limits_.places);
        std::nth_element(weights.begin(), at, weights.end(), std::greater<>());
        return std::max(*at, 1e-12);
    }

    std::uint32_t node_for(const frame_tree& tree, std::uint32_t at, const frame_names& names) {
        if (at == 0) return 0;
        if (node_of_tree_.size() < tree.nodes().size()) node_of_tree_.resize(tree.nodes().size(), no_place);
        if (node_of_tree_[at] != no_place) return node_of_tree_[at];
        const frame_tree::node node = tree.nodes()[at];
        const std::uint32_t parent = node_for(tree, node.parent, names);
        const std::uint32_t frame = frame_for(names[node.frame]);
        const auto [known, is_new] =
            node_index_.try_emplace(std::uint64_t{parent} << 32 | frame, static_cast<std::uint32_t>(parents_.size()));
        if (is_new) {
            parents_.push_back(parent);
            frames_of_nodes_.push_back(frame);
        }
        return node_of_tree_[at] = known->second;
    }

    std::uint32_t frame_for(const frame& of) {
        const std::array<std::uint32_t, 5> row{text(of.function), text(of.file), of.line, text(of.object),
                                               of.is_plumbing ? 1U : 0U};
        const auto [known, is_new] = frame_index_.try_emplace(row, static_cast<std::uint32_t>(frames_.size()));
        if (is_new) frames_.push_back(row);
        libraries_.insert(of.object);
        return known->second;
    }

    std::uint32_t text(const std::string& shown) {
        const auto [known, is_new] = text_index_.try_emplace(shown, static_cast<std::uint32_t>(texts_in_order_.size()));
        if (is_new) texts_in_order_.push_back(shown);
        return known->second;
    }

    // Threads of one name are one where there are many: a list of ten thousand cannot be chosen from.
    std::uint32_t thread_for(const profile& of, std::uint32_t thread) {
        constexpr std::size_t most_apart = 64;
        if (thread >= of.threads.size()) return thread_named("?");
        const profile_thread& named = of.threads[thread];
        return thread_named(of.threads.size() > most_apart ? named.name : named.text());
    }

    std::uint32_t thread_named(const std::string& name) {
        const auto [known, is_new] = thread_index_.try_emplace(name, static_cast<std::uint32_t>(threads_.size()));
        if (is_new) threads_.push_back(name);
        return known->second;
    }

    std::uint32_t place_for(std::uint32_t node, std::uint32_t thread, int side) {
        const auto [known, is_new] =
            place_index_.try_emplace({node, thread, side}, static_cast<std::uint32_t>(costs_.size()));
        if (is_new) {
            nodes_of_places_.push_back(node);
            threads_of_places_.push_back(thread);
            sides_of_places_.push_back(side);
            costs_.emplace_back();
        }
        return known->second;
    }

    void add_time(const profile& of) {
        json highest = json::array(), live = json::array(), resident = json::array();
        for (const time_bucket& each : of.buckets) {
            highest.push_back(std::llround(each.highest));
            live.push_back(std::llround(each.at_end));
            resident.push_back(std::llround(each.resident));
        }
        sides_.push_back({{"seconds", of.seconds},
                          {"highest", std::move(highest)},
                          {"live", std::move(live)},
                          {"resident", std::move(resident)}});
    }

    // Of the places of the page; those of one place and bucket together.
    void add_moves(const profile& of, const std::vector<std::uint32_t>& page_place) {
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::array<amount, 2>> sums;
        const auto add = [&](std::uint32_t shift) {
            sums.clear();
            for (const movement& each : of.movements) {
                if (page_place[each.place] == no_place) continue;
                // A joined bucket's movements stand in its last one.
                const std::uint32_t bucket =
                    shift == 0 ? each.bucket : ((each.bucket >> shift) + 1) * (1U << shift) - 1;
                auto& sum = sums[{bucket, page_place[each.place]}];
                sum[0] += each.allocated;
                sum[1] += each.released;
            }
        };
        std::uint32_t shift = 0;
        for (add(0); sums.size() > limits_.moves && (of.buckets.size() >> shift) > 8; add(++shift)) {
        }
        for (const auto& [key, sum] : sums) {
            buckets_.push_back(key.first);
            move_places_.push_back(key.second);
            move_calls_.push_back(std::llround(sum[0].calls));
            move_bytes_.push_back(std::llround(sum[0].bytes));
            move_released_.push_back(std::llround(sum[1].bytes));
        }
    }

    static std::string name_of(const profile& of) { return std::filesystem::path(of.start.program).filename(); }

    static void add_head(json& all, std::span<const page_side> sides) {
        const profile& of = sides.back().of;
        json warnings = json::array();
        for (const page_side& side : sides) {
            for (const std::string& each : side.names.warnings()) warnings.push_back(each);
            if (!side.of.is_whole)
                warnings.push_back("The trace has no end: the program was killed, became another, or ran still.");
        }
        all["warnings"] = std::move(warnings);
        all["command"] = fmt::format("{}", fmt::join(of.start.command_line, " "));
        if (sides.size() == 2) {
            const metrics &before = sides[0].of.total, &after = of.total;
            const auto row = [&](const char* title, metric which) {
                return json{title, signed_bytes_text(value_of(after, which) - value_of(before, which)),
                            fmt::format("{} before, {} after", bytes_text(value_of(before, which)),
                                        bytes_text(value_of(after, which)))};
            };
            all["title"] = fmt::format("{}: what changed between two traces", name_of(of));
            all["totals"] = {row("Live at the peak", metric::peak), row("Live at the end", metric::end),
                             row("Allocated", metric::allocated), row("Temporary", metric::temporary)};
            return;
        }
        const auto row = [&](const char* title, const amount& cost, const std::string& note) {
            return json{title, bytes_text(cost.bytes), fmt::format("{} calls{}", count_text(cost.calls), note)};
        };
        all["title"] = fmt::format("{}: {} at the peak", name_of(of), bytes_text(of.total.at_peak.bytes));
        all["totals"] = {row("Live at the peak", of.total.at_peak, ", after " + seconds_text(of.peak_seconds)),
                         row("Live at the end", of.total.at_end, ""), row("Allocated", of.total.allocated, ""),
                         row("Temporary", of.total.temporary,
                             fmt::format(", {}", share_text(of.total.temporary.calls, of.total.allocated.calls))),
                         json{"Time", seconds_text(of.seconds),
                              of.is_sampled()
                                  ? fmt::format("estimates, a sample each {}",
                                                bytes_text(static_cast<double>(of.start.numbers.mean_bytes)))
                                  : "every allocation"}};
    }

    static constexpr std::uint32_t no_place = ~std::uint32_t{0};

    const profile_filter& filter_;
    const page_limits& limits_;
    std::vector<std::string> texts_in_order_, threads_;
    std::unordered_map<std::string, std::uint32_t> text_index_, thread_index_;
    std::set<std::string> libraries_;
    json frames_ = json::array();
    std::map<std::array<std::uint32_t, 5>, std::uint32_t> frame_index_;
    std::vector<std::uint32_t> parents_{0}, frames_of_nodes_{0};
    std::unordered_map<std::uint64_t, std::uint32_t> node_index_;
    std::vector<std::uint32_t> node_of_tree_; // of the side at hand
    json sides_ = json::array();
    std::map<std::array<std::int64_t, 3>, std::uint32_t> place_index_;
    std::vector<std::uint32_t> nodes_of_places_, threads_of_places_;
    std::vector<int> sides_of_places_;
    std::vector<metrics> costs_;
    std::vector<std::uint32_t> buckets_, move_places_;
    std::vector<long long> move_calls_, move_bytes_, move_released_;
};

} // namespace

std::string page_data(std::span<const page_side> sides, const profile_filter& filter, const page_limits& limits) {
    return data_maker(filter, limits).make(sides);
}

} // namespace krait::tools
