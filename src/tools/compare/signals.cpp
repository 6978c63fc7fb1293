#include "compare/signals.hpp"

#include "failure.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace krait::tools {

signal_watch::signal_watch() {
    sigset_t watched;
    sigemptyset(&watched);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&watched, signal);
    sigprocmask(SIG_BLOCK, &watched, &earlier_);
    signals_ = unique_fd(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) fail("cannot watch signals: {}", std::strerror(errno));
}

signal_watch::~signal_watch() {
    signalfd_siginfo again{};
    while (was_interrupted_ && read(signals_.get(), &again, sizeof again) == sizeof again) {
    }
    sigprocmask(SIG_SETMASK, &earlier_, nullptr);
}

void signal_watch::wait(std::chrono::steady_clock::time_point until, int descriptor) {
    using namespace std::chrono;
    const nanoseconds left = std::max(duration_cast<nanoseconds>(until - steady_clock::now()), nanoseconds(0));
    const timespec timeout{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    std::array<pollfd, 2> watched{pollfd{signals_.get(), POLLIN, 0}, pollfd{descriptor, POLLIN, 0}};
    ppoll(watched.data(), watched.size(), &timeout, nullptr);
    signalfd_siginfo came{};
    while (read(signals_.get(), &came, sizeof came) == sizeof came)
        if (came.ssi_signo != SIGCHLD) {
            was_interrupted_ = true;
            throw interrupted{static_cast<int>(came.ssi_signo)};
        }
}

} // namespace krait::tools
