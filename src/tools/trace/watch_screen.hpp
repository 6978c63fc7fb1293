// What `krait trace --watch` shows, as lines, without a terminal: profiles of live blocks in, text and colours out.
//
//   growth   of a place: what is live of it now without what was when the mark was set, at the first picture or since
#pragma once

#include "observe/top_screen.hpp"
#include "trace/frames.hpp"
#include "trace/profile.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace krait::tools {

struct watched_place {
    std::string function, where, caller;
    amount live;
    double growth = 0; // bytes
};

enum class watch_order { size, growth };

struct watch_model {
    std::string program;
    std::uint32_t process = 0;
    bool is_sampled = false;
    double seconds = 0; // since the process was started
    amount live;
    double resident = 0;
    std::deque<double> history; // of live bytes
    std::vector<watched_place> places;
    std::unordered_map<std::string, double> marked; // bytes of places at the mark
    double live_at_mark = 0;
    bool has_mark = false;
    watch_order order = watch_order::size;
    bool is_paused = false;
};

void advance(watch_model& model, const profile& now, frame_names& names);
void set_mark(watch_model& model);

// At most `height` lines of at most `width` columns.
std::vector<top_line> watch_screen(const watch_model& model, std::size_t width, std::size_t height, bool unicode);

} // namespace krait::tools
