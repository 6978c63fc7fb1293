#include "observe/formats.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace krait::tools {

namespace {

// Words used here:
//   cell     a square of the map: `scale` pools that lie next to each other, in the order of their addresses
//   row      `arenas_in_row` arenas, of which none is in two rows
//
//   height = header + rows * square + margin <= 1600 pixels, whatever the heap
//
// A heap that needs no more rows than that has an arena a row, and a pool a cell. In a larger one a row has two
// columns' worth of cells, and as many arenas as it takes; a cell then stands for so many pools that the arenas fit.
constexpr unsigned square = 8;  // pixels of a cell, with its gap
constexpr unsigned gutter = 60; // for the arenas' numbers
constexpr unsigned header = 58; // title and legend
constexpr unsigned margin = 12;
constexpr std::size_t most_rows = (1600 - header - margin) / square;

struct layout {
    std::size_t pools_in_arena = 64;
    std::size_t arenas_in_row = 1;
    std::size_t scale = 1; // pools a cell
    std::size_t rows = 0;

    std::size_t cells_in_row() const { return (arenas_in_row * pools_in_arena + scale - 1) / scale; }
};

layout layout_of(const heap_picture& picture) {
    layout made;
    const std::size_t arenas = picture.arenas.size();
    for (const arena_picture& each : picture.arenas) made.pools_in_arena = std::max<std::size_t>(1, each.pools.size());
    if (arenas > most_rows) {
        made.scale = (arenas + 2 * most_rows - 1) / (2 * most_rows);
        made.arenas_in_row = 2 * made.scale;
    }
    made.rows = (arenas + made.arenas_in_row - 1) / made.arenas_in_row;
    return made;
}

// By fullness: lightest to darkest is emptiest to fullest, greys are free pools.
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

std::string legend() {
    std::string text;
    unsigned x = margin;
    for (const shade& each : shades) {
        text += fmt::format("<rect x='{}' y='36' width='10' height='10' fill='{}' stroke='#888' stroke-width='.5'/>"
                            "<text x='{}' y='45'>{}</text>\n",
                            x, each.colour, x + 14, each.meaning);
        x += 26 + static_cast<unsigned>(6.2 * static_cast<double>(std::string_view(each.meaning).size()));
    }
    return text;
}

// The shades of a row's cells.
std::vector<std::size_t> shades_of_row(const heap_picture& picture, const layout& by, std::size_t row) {
    std::vector<pool_picture> pools;
    const std::size_t first = row * by.arenas_in_row;
    for (std::size_t i = first; i < std::min(first + by.arenas_in_row, picture.arenas.size()); ++i)
        pools.insert(pools.end(), picture.arenas[i].pools.begin(), picture.arenas[i].pools.end());
    std::vector<std::size_t> shades_found;
    for (std::size_t from = 0; from < pools.size(); from += by.scale)
        shades_found.push_back(static_cast<std::size_t>(
            fullness_of(std::span(pools).subspan(from, std::min(by.scale, pools.size() - from)))));
    return shades_found;
}

// Neighbours of one shade are one rectangle.
std::string row_text(const std::vector<std::size_t>& cells, std::uint64_t first_arena, unsigned y, bool numbered) {
    std::string text;
    if (numbered)
        text += fmt::format("<text x='{}' y='{}' text-anchor='end'>{}</text>", gutter - 4, y + 7, first_arena);
    for (std::size_t from = 0; from < cells.size();) {
        std::size_t to = from;
        while (to < cells.size() && cells[to] == cells[from]) ++to;
        text += fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='{}'/>", gutter + from * square, y,
                            (to - from) * square - 1, square - 1, shades.at(cells[from]).colour);
        from = to;
    }
    return text + "\n";
}

std::string scale_text(const heap_picture& picture, const layout& by) {
    if (by.arenas_in_row == 1)
        return fmt::format("a row an arena, a square a pool of {} bytes", picture.totals.pool_bytes);
    return fmt::format("a row {} arenas, a square {} pools of {} bytes next to each other: the mean of their use",
                       by.arenas_in_row, by.scale, picture.totals.pool_bytes);
}

} // namespace

std::string arena_map_svg(const heap_picture& picture) {
    const layout by = layout_of(picture);
    const std::size_t width = std::max<std::size_t>(gutter + by.cells_in_row() * square + margin, 800);
    const std::size_t height = header + by.rows * square + margin;
    std::string text = fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' "
                                   "viewBox='0 0 {0} {1}' font-family='sans-serif' font-size='11'>\n"
                                   "<rect width='100%' height='100%' fill='#fff'/>\n",
                                   width, height);
    text += fmt::format(
        "<text x='{0}' y='15' font-size='14'>{1} arenas of process {2}: {3:.1f} MiB in use, RSS {4:.1f} "
        "MiB</text>\n<text x='{0}' y='30'>{5}</text>\n",
        margin, picture.arenas.size(), picture.process, static_cast<double>(picture.totals.bytes_in_use) / (1 << 20),
        static_cast<double>(picture.memory.value_or(process_memory()).rss) / (1 << 20), scale_text(picture, by));
    text += legend();
    for (std::size_t row = 0; row < by.rows; ++row)
        text += row_text(shades_of_row(picture, by, row), picture.arenas[row * by.arenas_in_row].number,
                         header + static_cast<unsigned>(row) * square, row % 8 == 0);
    return text + "</svg>\n";
}

} // namespace krait::tools
