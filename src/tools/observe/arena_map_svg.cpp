#include "observe/formats.hpp"

#include <algorithm>
#include <array>

namespace krait::tools {

namespace {

constexpr unsigned square = 8;  // pixels of a pool, with its gap
constexpr unsigned gutter = 60; // for the arenas' numbers
constexpr unsigned header = 58; // title and legend
constexpr unsigned margin = 12;

// Lightest to darkest is emptiest to fullest; hatched greys are free pools.
struct shade {
    const char* colour;
    const char* meaning;
};
constexpr std::array shades{shade{"#f1f1ee", "free, without pages"},
                            shade{"#c9c9c4", "free, pages kept"},
                            shade{"#fde0a5", "up to 25% used"},
                            shade{"#f4a259", "up to 50%"},
                            shade{"#d9576b", "up to 75%"},
                            shade{"#8a2f7f", "below 100%"},
                            shade{"#2d1a54", "full"}};

std::size_t shade_of(const pool_picture& pool) {
    if (pool.state == pool_state::purged) return 0;
    if (pool.state == pool_state::resident) return 1;
    return pool.percent == 100 ? 6 : 2 + pool.percent / 25u - (pool.percent % 25 == 0 && pool.percent > 0 ? 1 : 0);
}

std::string legend() {
    std::string text;
    unsigned x = margin;
    for (const shade& each : shades) {
        text += fmt::format("<rect x='{}' y='34' width='10' height='10' fill='{}' stroke='#888' stroke-width='.5'/>"
                            "<text x='{}' y='43'>{}</text>\n",
                            x, each.colour, x + 14, each.meaning);
        x += 26 + static_cast<unsigned>(6.2 * static_cast<double>(std::string_view(each.meaning).size()));
    }
    return text;
}

// Neighbours of one shade are one rectangle: a heap of a gibibyte has a quarter of a million pools.
std::string arena_row(const arena_picture& arena, unsigned y, bool numbered) {
    std::string text;
    if (numbered)
        text += fmt::format("<text x='{}' y='{}' text-anchor='end'>{}</text>", gutter - 4, y + 7, arena.number);
    for (std::size_t from = 0; from < arena.pools.size();) {
        std::size_t to = from;
        while (to < arena.pools.size() && shade_of(arena.pools[to]) == shade_of(arena.pools[from])) ++to;
        text += fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='{}'/>", gutter + from * square, y,
                            (to - from) * square - 1, square - 1, shades.at(shade_of(arena.pools[from])).colour);
        from = to;
    }
    return text + "\n";
}

} // namespace

std::string arena_map_svg(const heap_picture& picture) {
    const std::size_t pools = picture.arenas.empty() ? 64 : picture.arenas.front().pools.size();
    const std::size_t width = std::max<std::size_t>(gutter + pools * square + margin, 800);
    const std::size_t height = header + picture.arenas.size() * square + margin;
    std::string text = fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' "
                                   "viewBox='0 0 {0} {1}' font-family='sans-serif' font-size='11'>\n"
                                   "<rect width='100%' height='100%' fill='#fff'/>\n",
                                   width, height);
    text +=
        fmt::format("<text x='{}' y='20' font-size='14'>{} arenas of process {}: a row an arena, a square a pool of {} "
                    "bytes; {:.1f} MiB in use, RSS {:.1f} MiB</text>\n",
                    margin, picture.arenas.size(), picture.process, picture.totals.pool_bytes,
                    static_cast<double>(picture.totals.bytes_in_use) / (1 << 20),
                    static_cast<double>(picture.memory.value_or(process_memory()).rss) / (1 << 20));
    text += legend();
    for (std::size_t i = 0; i < picture.arenas.size(); ++i)
        text += arena_row(picture.arenas[i], header + static_cast<unsigned>(i) * square, i % 8 == 0);
    return text + "</svg>\n";
}

} // namespace krait::tools
