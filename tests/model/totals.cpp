#include "totals.hpp"

#include <fmt/format.h>

namespace krait::model {

namespace {

std::string with_commas(std::size_t number) {
    return number < 1000 ? fmt::format("{}", number)
                         : fmt::format("{},{:03}", with_commas(number / 1000), number % 1000);
}

std::string line(const std::string& label, std::size_t number) {
    return fmt::format("{:<35}={:>21}\n", label, with_commas(number));
}

} // namespace

std::string in_cpythons_words(const totals& t, const layout& l) {
    std::size_t in_blocks = 0, available = 0, headers = 0, quantization = 0;
    std::string text =
        fmt::format("Small block threshold = {}, in {} size classes.\n\n", layout::largest_small, l.classes());
    text += "class   size   num pools   blocks in use  avail blocks\n"
            "-----   ----   ---------   -------------  ------------\n";
    for (std::size_t szidx = 0; szidx < l.classes(); ++szidx) {
        const class_totals& c = t.classes[szidx];
        if (c.pools == 0) continue;
        const std::size_t size = l.class_size(szidx);
        text += fmt::format("{:5} {:6} {:11} {:15} {:13}\n", szidx, size, c.pools, c.blocks, c.available);
        in_blocks += c.blocks * size;
        available += c.available * size;
        headers += c.pools * l.pool_header;
        quantization += c.pools * ((l.pool_bytes - l.pool_header) % size);
    }
    const std::size_t current = t.arenas_created - t.arenas_released;
    const std::size_t unused = t.unused_pools * l.pool_bytes;

    text += '\n';
    text += line("# arenas allocated total", t.arenas_created);
    text += line("# arenas reclaimed", t.arenas_released);
    text += line("# arenas highwater mark", t.arenas_high_water);
    text += line("# arenas allocated current", current);
    text += line(fmt::format("{} arenas * {} bytes/arena", current, l.arena_bytes), current * l.arena_bytes);
    text += '\n';
    text += line("# bytes in allocated blocks", in_blocks);
    text += line("# bytes in available blocks", available);
    text += line(fmt::format("{} unused pools * {} bytes", t.unused_pools, l.pool_bytes), unused);
    text += line("# bytes lost to pool headers", headers);
    text += line("# bytes lost to quantization", quantization);
    text += line("# bytes lost to arena alignment", 0);
    text += line("Total", in_blocks + available + unused + headers + quantization);
    return text;
}

} // namespace krait::model
