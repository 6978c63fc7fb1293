#pragma once

#include <sys/types.h>

namespace krait::tools {

// While a program runs that this process waits for: what its terminal sends to both is the program's (SIGINT, SIGQUIT),
// and SIGTERM and SIGHUP are passed on to it. At its end signals do what they do by default. One at a time.
class passed_signals {
  public:
    explicit passed_signals(pid_t program);
    ~passed_signals();
    passed_signals(const passed_signals&) = delete;
    passed_signals& operator=(const passed_signals&) = delete;
};

} // namespace krait::tools
