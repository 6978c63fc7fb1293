// Reads a trace and prints what an allocator's accountant would have counted, one "name number" a line:
//
//   allocs, frees, bytes     of blocks, the halves of realloc among them
//   live, live_bytes, peak   blocks at the end, their bytes, and the most bytes at a time
//   twice                    blocks that came while they were live: the history has a wrong order
//   strangers                releases of addresses that were not live
//
// With --live PID: of the live blocks of that process. With --stacks LEAST MOST instead: "size address" for each frame of each block of such a size, innermost first.
#include "failure.hpp"
#include "trace/live_reader.hpp"
#include "trace/trace_reader.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace {

using namespace krait;

struct totals : tools::trace_visitor {
    std::uint64_t allocs = 0, frees = 0, bytes = 0, live_bytes = 0, peak = 0, twice = 0, strangers = 0;
    std::uint64_t reallocs = 0, maps = 0, unmaps = 0, mapped = 0;
    std::uint64_t nodes = 0, threads = 0, samples = 0, modules = 0, resident = 0, deepest = 0, without_stack = 0;
    std::uint64_t mean_bytes = 0, lost = 0, is_whole = 0;
    double estimated_bytes = 0, estimated_live = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> live;
    std::vector<std::uint32_t> depth{0};
    std::vector<std::pair<std::uint32_t, std::uint64_t>> frames{{0, 0}}; // parent and pc
    std::uint64_t shown_least = 1, shown_most = 0;

    void on_start(const tools::trace_start& start) override { mean_bytes = start.numbers.mean_bytes; }
    void on_modules(std::uint64_t, const std::vector<tools::trace_module>& all) override { modules = all.size(); }
    void on_frame_node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc) override {
        if (frames.size() <= id) frames.resize(id + 1);
        frames[id] = {parent, pc};
        nodes = std::max<std::uint64_t>(nodes, id);
        if (depth.size() <= id) depth.resize(id + 1);
        depth[id] = depth[parent] + 1;
    }
    void on_thread(std::uint32_t, std::uint32_t, std::string_view) override { ++threads; }
    void on_sample(const trace::sample_record& sample) override {
        ++samples;
        resident = std::max(resident, sample.resident);
    }
    void on_end(const trace::end_record* end) override {
        is_whole = end != nullptr ? 1 : 0;
        lost = end != nullptr ? end->lost : 0;
    }

    void show(const tools::trace_event& event) const {
        for (std::uint32_t node = event.stack; node != 0; node = frames[node].first)
            std::printf("%llu %#llx\n", static_cast<unsigned long long>(event.size),
                        static_cast<unsigned long long>(frames[node].second));
    }

    double estimated(std::uint64_t size) const {
        return tools::sample_weight(size, mean_bytes) * static_cast<double>(size);
    }

    void on_event(const tools::trace_event& event) override {
        switch (event.kind) {
        case tools::trace_event_kind::alloc: {
            ++allocs;
            if (event.size >= shown_least && event.size <= shown_most) show(event);
            reallocs += event.by_realloc ? 1 : 0;
            bytes += event.size;
            estimated_bytes += estimated(event.size);
            if (!live.emplace(event.address, event.size).second) ++twice;
            live_bytes += event.size;
            peak = std::max(peak, live_bytes);
            deepest = std::max<std::uint64_t>(deepest, depth[event.stack]);
            without_stack += event.stack == 0 ? 1 : 0;
            break;
        }
        case tools::trace_event_kind::free:
            ++frees;
            if (const auto found = live.find(event.address); found != live.end()) {
                live_bytes -= found->second;
                live.erase(found);
            } else {
                ++strangers;
            }
            break;
        case tools::trace_event_kind::map:
            ++maps;
            mapped += event.size;
            break;
        case tools::trace_event_kind::unmap:
            ++unmaps;
            break;
        }
    }
    bool is_live(std::uint64_t address) const override { return live.contains(address); }
};

} // namespace

int main(int argc, char** argv) {
    const bool is_live = argc == 3 && argv[1] == std::string_view("--live");
    const bool shows = argc == 5 && argv[1] == std::string_view("--stacks");
    if (argc != 2 && !shows && !is_live) return 2;
    try {
        totals t;
        std::unique_ptr<tools::trace_reader> reader;
        if (is_live) {
            tools::read_live_blocks(std::atoi(argv[2]), t);
        } else {
            reader = std::make_unique<tools::trace_reader>(argv[argc - 1]);
            if (shows) {
                t.shown_least = std::strtoull(argv[2], nullptr, 10);
                t.shown_most = std::strtoull(argv[3], nullptr, 10);
            }
            reader->read(t);
            if (shows) return 0;
        }
        for (const auto& [address, size] : t.live) t.estimated_live += t.estimated(size);
        const auto say = [](const char* name, std::uint64_t number) {
            std::printf("%s %llu\n", name, static_cast<unsigned long long>(number));
        };
        say("allocs", t.allocs);
        say("frees", t.frees);
        say("bytes", t.bytes);
        say("live", t.live.size());
        say("live_bytes", t.live_bytes);
        say("peak", t.peak);
        say("twice", t.twice);
        say("strangers", t.strangers);
        say("reallocs", t.reallocs);
        say("maps", t.maps);
        say("unmaps", t.unmaps);
        say("mapped", t.mapped);
        say("nodes", t.nodes);
        say("deepest", t.deepest);
        say("without_stack", t.without_stack);
        say("threads", t.threads);
        say("samples", t.samples);
        say("modules", t.modules);
        say("resident", t.resident);
        say("lost", t.lost);
        say("is_whole", t.is_whole);
        say("cut_bytes", reader ? reader->cut_bytes() : 0);
        say("file_bytes", reader ? reader->bytes() : 0);
        say("estimated_bytes", static_cast<std::uint64_t>(t.estimated_bytes));
        say("estimated_live", static_cast<std::uint64_t>(t.estimated_live));
    } catch (const tools::failure& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
