#include "trace/watch.hpp"

#include "observe/curses_screen.hpp"
#include "observe/foreign_process.hpp"
#include "terminal.hpp"
#include "trace/frames.hpp"
#include "trace/live_reader.hpp"
#include "trace/watch_screen.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace krait::tools {

namespace {

using clock = std::chrono::steady_clock;

class watched {
  public:
    explicit watched(const watch_request& request) : request_(request), process_(request.process) {}

    watch_model model;

    bool has_picture() const noexcept { return !model.history.empty(); }

    // False once the process has ended. Between one program and the next, at an exec, there is nothing to be had.
    bool look() {
        const auto begin = clock::now();
        try {
            live_source source(request_.process);
            const profile now = read_profile(source, {});
            frame_names names(now, files_);
            advance(model, now, names);
        } catch (const failure&) {
            if (!has_picture() && !request_.is_awaited) throw;
            if (process_.is_gone()) return false;
        }
        cost_ = clock::now() - begin;
        return true;
    }

    // At most a fifth of the time is spent looking.
    clock::time_point next(double interval) const {
        constexpr int share = 4;
        const auto pause = std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(interval));
        return clock::now() +
               std::max(has_picture() ? pause : std::min<clock::duration>(pause, first_pause), share * cost_);
    }

  private:
    static constexpr std::chrono::milliseconds first_pause{50};

    const watch_request& request_;
    foreign_process process_;
    symbol_files files_;
    clock::duration cost_{};
};

// False: quit.
bool obey(int key, watch_model& model, double& interval) {
    switch (key) {
    case 'q':
        return false;
    case 'p':
    case ' ':
        model.is_paused = !model.is_paused;
        break;
    case 's':
        model.order = model.order == watch_order::size ? watch_order::growth : watch_order::size;
        break;
    case 'm':
        set_mark(model);
        break;
    default:
        interval = interval_after(key, interval);
        break;
    }
    return true;
}

void show_live(watched& subject, const watch_request& request) {
    double interval = request.interval;
    const bool unicode = terminal_shows_unicode();
    std::optional<curses_screen> screen; // once there is something to show
    while (subject.model.is_paused || subject.look()) {
        const auto due = subject.next(interval);
        if (!subject.has_picture()) {
            std::this_thread::sleep_until(due);
            continue;
        }
        if (!screen) screen.emplace(request.out);
        for (auto now = clock::now(); now < due; now = clock::now()) {
            screen->show(watch_screen(subject.model, screen->width(), screen->height(), unicode));
            const int key = screen->key(due - now);
            if (key == curses_screen::no_key) break;
            if (!obey(key, subject.model, interval)) return;
        }
    }
}

void print_lines(watched& subject, const watch_request& request) {
    constexpr std::size_t lines_of_picture = 25; // ten places
    while (subject.look()) {
        if (subject.has_picture()) {
            print_screen(watch_screen(subject.model, terminal_width(), lines_of_picture, terminal_shows_unicode()),
                         request.out);
            if (std::fflush(request.out) != 0) return;
        }
        std::this_thread::sleep_until(subject.next(request.interval));
    }
}

} // namespace

bool watches_on_screen(std::FILE* out) { return isatty(fileno(out)) == 1 && isatty(STDIN_FILENO) == 1; }

void watch(const watch_request& request) {
    watched subject(request);
    watches_on_screen(request.out) ? show_live(subject, request) : print_lines(subject, request);
}

} // namespace krait::tools
