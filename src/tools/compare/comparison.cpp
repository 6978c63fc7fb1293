#include "compare/comparison.hpp"

#include "compare/process_tree.hpp"
#include "failure.hpp"
#include "program.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace krait::tools {

namespace {

void warn_where_preload_is_void(comparison& result) {
    const std::string& name = result.request.run.command.front();
    const std::string why = why_preload_is_void(find_program(name, std::getenv("PATH")));
    if (!why.empty())
        result.warnings.push_back(
            fmt::format("{} {}: LD_PRELOAD has no effect on it, so all columns show the same allocator", name, why));
}

void warn_where_library_was_not_seen(comparison& result) {
    for (const allocator& each : result.request.allocators) {
        const auto unseen = [&](const run_result& run) {
            return run.allocator == each.name && run.samples.size() > 1 && !run.library_seen && run.failure.empty();
        };
        if (!each.is_libc && std::any_of(result.runs.begin(), result.runs.end(), unseen))
            result.warnings.push_back(fmt::format("{} was not found in the processes of its runs: did {} drop "
                                                  "LD_PRELOAD?",
                                                  each.library.string(), result.request.run.command.front()));
    }
}

} // namespace

comparison compare(const comparison_request& request, comparison_observer& observer) {
    require_process_trees();
    prctl(PR_SET_CHILD_SUBREAPER, 1); // processes that lose their parent stay in the tree
    signal_watch signals;
    comparison result{.request = request, .runs = {}, .warnings = {}, .interrupted_by = 0};
    warn_where_preload_is_void(result);

    const auto count = static_cast<unsigned>(request.allocators.size());
    const unsigned total = request.warm_ups + request.runs * count;
    unsigned number = 0;
    const auto run = [&](const allocator& under, unsigned round) {
        observer.begins(++number, total, under.name, round);
        run_result made = measure(request.run, under, signals, [&](const sample& now) { observer.sampled(now); });
        made.round = round;
        observer.ended(made);
        return made;
    };

    for (unsigned i = 0; i < request.warm_ups; ++i)
        if (run_result warm = run(request.allocators.front(), 0); !warm.failure.empty()) {
            result.interrupted_by = warm.interrupted_by;
            result.runs.push_back(std::move(warm));
            return result;
        }
    std::set<std::string> failed;
    for (unsigned round = 1; round <= request.runs; ++round)
        for (unsigned i = 0; i < count && result.interrupted_by == 0; ++i) {
            const allocator& under = request.allocators[(round - 1 + i) % count];
            if (failed.contains(under.name)) {
                ++number;
                continue;
            }
            result.runs.push_back(run(under, round));
            if (!result.runs.back().failure.empty()) failed.insert(under.name);
            result.interrupted_by = result.runs.back().interrupted_by;
        }
    warn_where_library_was_not_seen(result);
    return result;
}

} // namespace krait::tools
