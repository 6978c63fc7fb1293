#include "commands.hpp"
#include "failure.hpp"
#include "observe/top_screen.hpp"
#include "terminal.hpp"

#include <curses.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace krait::tools {

namespace {

using clock = std::chrono::steady_clock;

struct top_arguments {
    pid_t process = 0;
    double interval = 1; // seconds
    unsigned count = 0;  // 0: until the process ends or the user quits
};

// Reads the heap into the model every interval.
class top_feed {
  public:
    explicit top_feed(pid_t process) : heap_(process) {}

    // False: the process ended.
    bool update(top_model& model) {
        const auto now = clock::now();
        try {
            advance(model, heap_.read(), std::chrono::duration<double>(now - last_).count());
        } catch (const failure&) {
            if (!model.history.empty() && heap_.is_gone()) return false;
            throw;
        }
        last_ = now;
        return true;
    }

  private:
    observed_heap heap_;
    clock::time_point last_;
};

// The terminal as curses has it; given back in any case.
class curses_screen {
  public:
    curses_screen() {
        std::setlocale(LC_ALL, "");
        if ((screen_ = newterm(nullptr, stdout, stdin)) == nullptr)
            fail("this terminal ({}) cannot show a screen: set TERM, or send the output through `cat`",
                 std::getenv("TERM") == nullptr ? "TERM is not set" : std::getenv("TERM"));
        cbreak();
        noecho();
        curs_set(0);
        keypad(stdscr, TRUE);
        if (has_colors()) set_colours();
    }
    ~curses_screen() {
        endwin();
        delscreen(screen_);
    }
    curses_screen(const curses_screen&) = delete;
    curses_screen& operator=(const curses_screen&) = delete;

    void show(const top_model& model, bool unicode) const {
        erase();
        const auto lines = top_screen(model, static_cast<std::size_t>(COLS), static_cast<std::size_t>(LINES), unicode);
        for (std::size_t y = 0; y < lines.size(); ++y) {
            move(static_cast<int>(y), 0);
            for (const top_span& span : lines[y]) {
                attrset(attribute_of(span.colour));
                addstr(span.text.c_str());
            }
        }
        refresh();
    }

  private:
    SCREEN* screen_ = nullptr;

    static void set_colours() {
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

    static int attribute_of(top_colour colour) {
        switch (colour) {
        case top_colour::normal:
            return A_NORMAL;
        case top_colour::title:
            return A_BOLD;
        case top_colour::dim:
            return A_DIM;
        default:
            return has_colors() ? COLOR_PAIR(static_cast<int>(colour)) : A_NORMAL;
        }
    }
};

void change_order(top_model& model) {
    model.order =
        model.order == top_order::waste ? top_order::size : static_cast<top_order>(static_cast<int>(model.order) + 1);
}

// Obeys a key. False: quit.
bool obey(int key, top_model& model, double& interval) {
    constexpr double least_interval = 0.1, most_interval = 60;
    switch (key) {
    case 'q':
        return false;
    case 'p':
    case ' ':
        model.paused = !model.paused;
        break;
    case 's':
        change_order(model);
        break;
    case 'm':
        model.show_map = !model.show_map;
        break;
    case '+':
        interval = std::min(interval * 2, most_interval);
        break;
    case '-':
        interval = std::max(interval / 2, least_interval);
        break;
    default:
        break;
    }
    return true;
}

void show_live(const top_arguments& arguments) {
    top_feed feed(arguments.process);
    top_model model;
    if (!feed.update(model)) return;
    double interval = arguments.interval;
    const bool unicode = terminal_shows_unicode();
    const curses_screen screen;
    for (unsigned shown = 1;;) {
        const auto due = clock::now() + std::chrono::duration<double>(interval);
        for (auto now = clock::now(); now < due; now = clock::now()) {
            screen.show(model, unicode);
            timeout(static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(due - now).count()) + 1);
            const int key = getch();
            if (key == ERR) break;
            if (!obey(key, model, interval)) return;
        }
        if (model.paused) continue;
        if (shown++ == arguments.count) return;
        if (!feed.update(model)) return;
    }
}

void print_lines(const top_arguments& arguments) {
    top_feed feed(arguments.process);
    top_model model;
    constexpr std::size_t unbounded = 200; // lines: every class and a map
    for (unsigned shown = 0; arguments.count == 0 || shown < arguments.count; ++shown) {
        if (shown > 0) std::this_thread::sleep_for(std::chrono::duration<double>(arguments.interval));
        if (!feed.update(model)) return;
        auto lines = top_screen(model, terminal_width(), unbounded, terminal_shows_unicode());
        lines.pop_back(); // the keys
        for (const top_line& line : lines) {
            for (const top_span& span : line) std::fputs(span.text.c_str(), stdout);
            std::fputc('\n', stdout);
        }
        std::fputc('\n', stdout);
        if (std::fflush(stdout) != 0) return;
    }
}

} // namespace

void add_top(CLI::App& app) {
    auto arguments = std::make_shared<top_arguments>();
    CLI::App* command = app.add_subcommand("top", "Show the heap of a running process live");
    add_process_argument(*command, arguments->process);
    command
        ->add_option("--interval", arguments->interval,
                     fmt::format("Seconds between pictures ({})", arguments->interval))
        ->check(CLI::Range(0.1, 60.0))
        ->option_text("SECONDS");
    command->add_option("--count", arguments->count, "End after so many pictures")->option_text("N");
    command->callback([arguments] {
        const bool terminal = isatty(STDOUT_FILENO) == 1 && isatty(STDIN_FILENO) == 1;
        terminal ? show_live(*arguments) : print_lines(*arguments);
    });
}

} // namespace krait::tools
