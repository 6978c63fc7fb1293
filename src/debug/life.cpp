#include "debug/life.hpp"

#include "core/blocks_note.hpp"
#include "core/process.hpp"
#include "debug/check.hpp"
#include "debug/requests.hpp"
#include "debug/session.hpp"
#include "debug/stacks.hpp"
#include "os/thread.hpp"

constinit krait::other_blocks krait_other_blocks{krait::other_blocks_kind::decorated,
                                                 &krait::debug::the_session.blocks};
KRAIT_OTHER_BLOCKS_NOTE();

namespace krait::debug {

constinit session the_session;
constinit std::atomic<service> the_service{service::undecided};

bool decide_service() noexcept {
    const service decided = process::read_settings().serves ? service::serves : service::aside;
    the_service.store(decided, std::memory_order_relaxed);
    return decided == service::serves;
}

bool tells_mismatches() noexcept {
    enum class answer : std::uint8_t { unknown, no, yes };
    constinit static std::atomic<answer> known{answer::unknown};
    if (KRAIT_UNLIKELY(known.load(std::memory_order_relaxed) == answer::unknown))
        known.store(read_settings().tells_mismatches ? answer::yes : answer::no, std::memory_order_relaxed);
    return known.load(std::memory_order_relaxed) == answer::yes;
}

namespace {

void before_fork() noexcept { the_session.walking.acquire(); }
void after_fork_in_parent() noexcept { the_session.walking.release(); }
void after_fork_in_child() noexcept {
    the_session.walking.reset_in_child();
    go_on_in_child();
}

} // namespace

void at_start() noexcept {
    if (!is_serving() || !os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child)) return;
    const settings chosen = read_settings();
    the_session.standard_error.keep();
    if (chosen.report >= 0) the_session.channel.open(chosen.report);
    the_session.every.set(chosen.every);
    the_session.stop.set(chosen.stop);
    open_stacks(chosen.frames);
    the_session.freed.open(chosen.quarantine);
}

void at_exit() noexcept {
    if (is_serving()) check_all("the check at exit");
}

} // namespace krait::debug
