#pragma once

#include "observe/heap_picture.hpp"

#include <cstdio>
#include <deque>
#include <string>
#include <vector>

// What krait top shows, as lines, without a terminal: a model in, text and colours out.
namespace krait::tools {

enum class top_order { size, bytes, pools, waste };

// One moment on the time line.
struct top_moment {
    std::uint64_t rss = 0;
    std::uint64_t live = 0; // bytes that the program holds in pools
};

struct top_model {
    heap_picture now;
    heap_picture before; // an interval ago; the same as now at first
    double seconds = 0;  // between the two; 0 at first: no rates
    std::deque<top_moment> history;
    top_order order = top_order::bytes;
    bool paused = false;
    bool show_map = true;
    bool one_of_several = false;
    std::string end; // "ended at ...", once the process has
};

// Takes in a new picture; keeps as much history as a wide screen shows.
void advance(top_model& model, heap_picture picture, double seconds);

enum class top_colour { normal, title, dim, purged, resident, quarter, half, most, full };

struct top_span {
    std::string text;
    top_colour colour = top_colour::normal;
};
using top_line = std::vector<top_span>;

// A table of several processes, one a line, with a mark at the one that is shown below it.
std::vector<top_line> top_overview(const std::vector<const top_model*>& models, std::size_t chosen, std::size_t width);

// At most `height` lines of at most `width` columns; what does not fit is left out, the least needed first.
std::vector<top_line> top_screen(const top_model& model, std::size_t width, std::size_t height, bool unicode);

// A screen for who has no terminal: without colours and without its last line, which names the keys; an empty line
// behind it.
void print_screen(const std::vector<top_line>& lines, std::FILE* out);

} // namespace krait::tools
