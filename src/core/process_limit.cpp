#include "core/process_limit.hpp"

#include "core/process_life.hpp"
#include "core/system_blocks.hpp"
#include "os/clock.hpp"

#include <cerrno>

namespace krait::process {

namespace {

// Everything free goes back, the system allocator's too.
void trim_all() noexcept {
    collect(os::gate::at_fork::goes_past);
    system_blocks::trim(0);
}

} // namespace

void trim_if_due() noexcept {
    if (is_within() || !the_limit.take_trim()) return;
    const std::uint32_t began_ms = os::clock_ms();
    trim_all();
    the_limit.trimmed(began_ms);
}

bool is_granted(std::size_t bytes) noexcept {
    using answer = memory_limit::answer;
    if (is_within()) return true; // no lock may be taken
    answer given = the_limit.ask(bytes);
    if (given == answer::refused) {
        trim_all();
        given = the_limit.ask(bytes);
    }
    trim_near_limit();
    if (given != answer::refused) return true;
    the_limit.count_refusal();
    errno = ENOMEM;
    return false;
}

} // namespace krait::process
