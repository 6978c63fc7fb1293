#include "trace/loading.hpp"

#include "failure.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace krait::tools {

namespace {

class shown_progress final : public progress_listener {
  public:
    explicit shown_progress(const std::string& file) : file_(file) {}
    ~shown_progress() override {
        if (is_shown_) std::fputs("\r\033[K", stderr);
    }
    shown_progress(const shown_progress&) = delete;
    shown_progress& operator=(const shown_progress&) = delete;

    void done(double share) override {
        const auto now = std::chrono::steady_clock::now();
        if (!terminal_ || now < next_) return;
        next_ = now + std::chrono::milliseconds(100);
        is_shown_ = true;
        fmt::print(stderr, "\r\033[Kreading {}: {:.0f}%", file_, 100 * share);
        std::fflush(stderr);
    }

  private:
    const std::string& file_;
    const bool terminal_ = isatty(STDERR_FILENO) == 1;
    bool is_shown_ = false;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
};

} // namespace

profile load_profile(const std::string& file, std::uint32_t temporary_between) {
    shown_progress shown(file);
    profile_request request;
    request.between = temporary_between;
    request.listener = &shown;
    trace_reader trace(file);
    try {
        return read_profile(trace, request);
    } catch (const failure& problem) { // of what is in it: who compares two wants to know which
        fail("{}: {}", file, problem.what());
    }
}

} // namespace krait::tools
