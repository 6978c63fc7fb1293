#include "commands.hpp"
#include "failure.hpp"
#include "observe/curses_screen.hpp"
#include "observe/formats.hpp"
#include "observe/top_screen.hpp"
#include "terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <thread>

namespace krait::tools {

namespace {

using clock = std::chrono::steady_clock;

struct top_arguments {
    std::vector<pid_t> processes;
    double interval = 1; // seconds
    unsigned count = 0;  // 0: until the process ends or the user quits
};

std::string time_of_day() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    std::array<char, 16> text{};
    localtime_r(&now, &local);
    std::strftime(text.data(), text.size(), "%H:%M:%S", &local);
    return text.data();
}

// A process that is watched: its heap, and what is shown of it. A process that ended keeps its last picture.
class top_subject {
  public:
    explicit top_subject(pid_t process) : heap_(process), age_at_start_(heap_.age()), start_(clock::now()) {}

    top_model model;

    bool has_ended() const { return !model.end.empty(); }

    void update() {
        if (has_ended()) return;
        const auto now = clock::now();
        try {
            advance(model, heap_.read(), seconds(now - last_));
        } catch (const failure&) {
            if (model.history.empty() || !heap_.is_gone()) throw;
            model.end = "ended at " + time_of_day();
            if (age_at_start_ > 0)
                model.end += ", " + duration(age_at_start_ + seconds(now - start_)) + " after its start";
        }
        last_ = now;
    }

    // What is left to say when all is over.
    std::string last_words() const {
        const heap_picture& last = model.now;
        std::string text = fmt::format("{} {} {}; last seen with", last.program, last.process, model.end);
        if (last.memory) text += fmt::format(" {} RSS,", scaled(static_cast<double>(last.memory->rss)));
        return text + fmt::format(" {} live in pools\n", scaled(static_cast<double>(last.totals.bytes_in_use)));
    }

  private:
    static double seconds(clock::duration time) { return std::chrono::duration<double>(time).count(); }

    observed_heap heap_;
    double age_at_start_; // of the process, when the watching began
    clock::time_point start_;
    clock::time_point last_;
};

// The processes, and which of them is shown in full.
struct top_view {
    std::vector<std::unique_ptr<top_subject>> subjects;
    std::size_t chosen = 0;

    explicit top_view(const std::vector<pid_t>& processes) {
        for (const pid_t process : processes) {
            subjects.push_back(std::make_unique<top_subject>(process));
            subjects.back()->model.one_of_several = processes.size() > 1;
        }
    }

    top_model& model() { return subjects[chosen]->model; }
    void update() {
        for (const auto& each : subjects) each->update();
    }
    bool all_ended() const {
        return std::all_of(subjects.begin(), subjects.end(), [](const auto& each) { return each->has_ended(); });
    }
    std::vector<top_line> overview(std::size_t width) const {
        if (subjects.size() == 1) return {};
        std::vector<const top_model*> models;
        for (const auto& each : subjects) models.push_back(&each->model);
        return top_overview(models, chosen, width);
    }
    void print_ends() const {
        for (const auto& each : subjects)
            if (each->has_ended()) std::fputs(each->last_words().c_str(), stdout);
    }
};

constexpr std::size_t least_details = 4; // lines; a smaller screen shows no table of processes

std::vector<top_line> lines_of(top_view& view, const curses_screen& screen, bool unicode) {
    std::vector<top_line> lines = view.overview(screen.width());
    if (lines.size() + least_details > screen.height()) lines.clear();
    const auto details = top_screen(view.model(), screen.width(), screen.height() - lines.size(), unicode);
    lines.insert(lines.end(), details.begin(), details.end());
    return lines;
}

void change_order(top_model& model) {
    model.order =
        model.order == top_order::waste ? top_order::size : static_cast<top_order>(static_cast<int>(model.order) + 1);
}

// Obeys a key. False: quit.
bool obey(int key, top_view& view, double& interval) {
    top_model& model = view.model();
    switch (key) {
    case 'q':
        return false;
    case '\t':
        view.chosen = (view.chosen + 1) % view.subjects.size();
        view.model().paused = model.paused;
        break;
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
    default:
        interval = interval_after(key, interval);
        break;
    }
    return true;
}

void show_live(const top_arguments& arguments) {
    top_view view(arguments.processes);
    view.update();
    double interval = arguments.interval;
    const bool unicode = terminal_shows_unicode();
    {
        const curses_screen screen(stdout);
        for (unsigned shown = 1; !view.all_ended();) {
            const auto due = clock::now() + std::chrono::duration<double>(interval);
            for (auto now = clock::now(); now < due; now = clock::now()) {
                screen.show(lines_of(view, screen, unicode));
                const int key = screen.key(std::chrono::duration_cast<clock::duration>(due - now));
                if (key == curses_screen::no_key) break;
                if (!obey(key, view, interval)) return;
            }
            if (view.model().paused) continue;
            if (shown++ == arguments.count) return;
            view.update();
        }
    }
    view.print_ends();
}

void print_lines(const top_arguments& arguments) {
    top_view view(arguments.processes);
    constexpr std::size_t unbounded = 200; // lines: every class and a map
    for (unsigned shown = 0; arguments.count == 0 || shown < arguments.count; ++shown) {
        if (shown > 0) std::this_thread::sleep_for(std::chrono::duration<double>(arguments.interval));
        view.update();
        if (view.all_ended()) return view.print_ends();
        for (view.chosen = 0; view.chosen < view.subjects.size(); ++view.chosen) {
            if (view.subjects[view.chosen]->has_ended()) continue;
            print_screen(top_screen(view.model(), terminal_width(), unbounded, terminal_shows_unicode()), stdout);
        }
        if (std::fflush(stdout) != 0) return;
    }
}

} // namespace

void add_top(CLI::App& app) {
    auto arguments = std::make_shared<top_arguments>();
    CLI::App* command = app.add_subcommand("top", "Show the heaps of running processes live");
    add_process_arguments(*command, arguments->processes)->required();
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
