#include "passed_signals.hpp"

#include <atomic>
#include <csignal>

namespace krait::tools {

namespace {

std::atomic<pid_t> the_program{0};

void pass_on(int signal) {
    if (const pid_t program = the_program.load(std::memory_order_relaxed); program > 0) ::kill(program, signal);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

passed_signals::passed_signals(pid_t program) {
    the_program = program;
    for (const int signal : {SIGINT, SIGQUIT}) handle(signal, SIG_IGN);
    for (const int signal : {SIGTERM, SIGHUP}) handle(signal, &pass_on);
}

passed_signals::~passed_signals() {
    the_program = 0;
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) handle(signal, SIG_DFL);
}

} // namespace krait::tools
