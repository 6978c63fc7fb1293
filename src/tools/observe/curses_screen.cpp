#include "observe/curses_screen.hpp"

#include "failure.hpp"
#include "terminal.hpp"

#include <curses.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>

namespace krait::tools {

namespace {

void set_colours() {
    start_color();
    use_default_colors();
    const auto set = [](top_colour colour, int foreground) {
        init_pair(static_cast<short>(colour), static_cast<short>(foreground), -1);
    };
    set(top_colour::purged, COLOR_BLUE);
    set(top_colour::resident, COLOR_CYAN);
    set(top_colour::quarter, COLOR_RED);
    set(top_colour::half, COLOR_MAGENTA);
    set(top_colour::most, COLOR_YELLOW);
    set(top_colour::full, COLOR_GREEN);
}

} // namespace

static_assert(curses_screen::no_key == ERR);

curses_screen::curses_screen(std::FILE* out) {
    std::setlocale(LC_ALL, "");
    if ((screen_ = newterm(nullptr, out, stdin)) == nullptr)
        fail("this terminal ({}) cannot show a screen: set TERM, or send the output through `cat`",
             std::getenv("TERM") == nullptr ? "TERM is not set" : std::getenv("TERM"));
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, TRUE);
    has_colour_ = has_colors() && user_wants_colour();
    if (has_colour_) set_colours();
}

curses_screen::~curses_screen() {
    endwin();
    delscreen(screen_);
}

std::size_t curses_screen::width() const { return static_cast<std::size_t>(COLS); }
std::size_t curses_screen::height() const { return static_cast<std::size_t>(LINES); }

void curses_screen::show(const std::vector<top_line>& lines) const {
    erase();
    for (std::size_t y = 0; y < lines.size(); ++y) {
        move(static_cast<int>(y), 0);
        for (const top_span& span : lines[y]) {
            attrset(attribute_of(span.colour));
            addstr(span.text.c_str());
        }
    }
    refresh();
}

int curses_screen::key(std::chrono::steady_clock::duration within) const {
    timeout(static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(within).count()) + 1);
    return getch();
}

double interval_after(int key, double interval) {
    if (key == '+') return std::min(interval * 2, 60.0);
    if (key == '-') return std::max(interval / 2, 0.1);
    return interval;
}

int curses_screen::attribute_of(top_colour colour) const {
    switch (colour) {
    case top_colour::normal:
        return A_NORMAL;
    case top_colour::title:
        return A_BOLD;
    case top_colour::dim:
        return A_DIM;
    default:
        return has_colour_ ? COLOR_PAIR(static_cast<int>(colour)) : A_NORMAL;
    }
}

} // namespace krait::tools
