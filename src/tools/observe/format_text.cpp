#include "observe/formats.hpp"

#include <array>

namespace krait::tools {

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string scaled(double bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    for (; bytes >= 1023.95 && unit + 1 < units.size(); ++unit) bytes /= 1024;
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units.at(unit));
}

std::string duration(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
    return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

namespace {

std::string line(std::string_view label, std::uint64_t number) {
    return fmt::format("{:<35}={:>21}\n", label, grouped(number));
}

std::string class_table(const heap_picture& picture) {
    std::string text = "class   size   num pools   blocks in use  avail blocks  cached blocks\n"
                       "-----   ----   ---------   -------------  ------------  -------------\n";
    for (std::size_t szidx = 0; szidx < picture.classes.size(); ++szidx) {
        const class_picture& each = picture.classes[szidx];
        if (each.pools == 0) continue;
        text += fmt::format("{:>5}{:>7}{:>12}{:>16}{:>14}{:>15}\n", szidx, each.size, each.pools, each.in_use,
                            each.available, each.cached);
    }
    return text + "\n";
}

std::string passthrough_table(const heap_picture& picture) {
    std::string text = "\npassthrough: " + picture.system + "\nrequests to the system allocator, by size\n";
    for (const passthrough_picture& band : picture.passthrough) {
        text += fmt::format("{:<5}{:>10} bytes{:>18} calls{:>22} bytes\n", band.last ? "over" : "to",
                            grouped(band.limit), grouped(band.calls), grouped(band.bytes));
    }
    return text;
}

} // namespace

std::string stats_text(const heap_picture& picture) {
    const krait_stats& s = picture.totals;
    std::string text = fmt::format("krait {} in process {} ({})", picture.version, picture.process, picture.program);
    if (picture.memory) text += fmt::format(", RSS {} bytes", grouped(picture.memory->rss));
    text += '\n';
    if (const auto outside = picture.outside())
        text += fmt::format(
            "outside krait: {} of {} anonymous memory: large blocks, stacks, mappings of the program's own, "
            "data of libraries\n",
            scaled(static_cast<double>(*outside)), scaled(static_cast<double>(picture.memory->anonymous)));
    if (picture.torn) text += "The heap changed while it was read: the numbers are of slightly different moments.\n";
    text += fmt::format("Small block threshold = {}, in {} size classes.\n\n",
                        picture.classes.empty() ? 0 : picture.classes.back().size, picture.classes.size());
    text += class_table(picture);
    text += line("# arenas allocated total", s.arenas_created);
    text += line("# arenas reclaimed", s.arenas_released);
    text += line("# arenas highwater mark", s.arenas_highwater);
    text += line("# arenas allocated current", s.arenas_current);
    text += fmt::format("{0} arenas * {1} bytes/arena = {2}\n\n", s.arenas_current, s.arena_bytes,
                        s.arenas_current * s.arena_bytes);
    text += line("# bytes in allocated blocks", s.bytes_in_use);
    text += line("# bytes in cached blocks", s.bytes_cached);
    text += line("# bytes in available blocks", s.bytes_available);
    text += line("# bytes in unused pools", s.bytes_free_pools);
    text += line("# bytes lost to pool reserve", s.bytes_pool_reserve);
    text += line("# bytes lost to quantization", s.bytes_quantization);
    text += line("Total", s.bytes_in_use + s.bytes_cached + s.bytes_available + s.bytes_free_pools +
                              s.bytes_pool_reserve + s.bytes_quantization);
    text += "\n";
    text += line("# bytes of unused pools purged", s.bytes_purged);
    text += line("# bytes retained of reclaimed arenas", s.bytes_retained);
    text += line("# bytes of reserve learned", s.reserve_learned);
    text += line("# pools purged total", s.pools_purged);
    text += line("# pools wanted again", s.pools_regretted);
    text += line("# bytes of metadata", s.bytes_metadata);
    text += line("# thread caches", s.thread_caches);
    text += line("# times a lock was contended", s.lock_contended);
    text += line("# requests passed through", s.passthrough_calls);
    text += line("# bytes passed through", s.passthrough_bytes);
    text += line("# bytes of large blocks cached", s.bytes_large_cached);
    text += "\n";
    text += line("# bytes of pools resident", s.bytes_resident);
    text += line("# bytes of metadata resident", s.bytes_tables);
    if (s.bytes_limit == 0) return text + passthrough_table(picture);
    text += line("# bytes of limit", s.bytes_limit);
    text += line("# times near the limit", s.limit_alarms);
    text += line("# requests refused at the limit", s.limit_refusals);
    return text + passthrough_table(picture);
}

} // namespace krait::tools
