#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace krait::tools {

// Exit statuses of the command; the last two are those of the shell and of env(1).
constexpr int status_failed = 1;
constexpr int status_usage = 2;
constexpr int status_condition = 3; // what --fail-if asked for
constexpr int status_not_executable = 126;
constexpr int status_not_found = 127;

// What the user is told on stderr, as "krait: " and one sentence with the fix, and the exit status that goes with it.
class failure : public std::runtime_error {
  public:
    failure(int status, const std::string& sentence) : std::runtime_error(sentence), status_(status) {}
    int status() const noexcept { return status_; }

  private:
    int status_;
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> sentence, Args&&... args) {
    throw failure(status_failed, fmt::format(sentence, std::forward<Args>(args)...));
}

} // namespace krait::tools
