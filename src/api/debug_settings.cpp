// What the options say to the debug hooks: in libkrait_debug.so alone.
#include "api/options.hpp"
#include "debug/session.hpp"

namespace krait::debug {

settings read_settings() noexcept {
    const options& given = current_options();
    return {.quarantine = static_cast<std::size_t>(given.debug_quarantine),
            .every = static_cast<std::uint64_t>(given.debug_every),
            .stop = static_cast<std::uint64_t>(given.debug_stop),
            .frames = static_cast<std::size_t>(given.debug_frames),
            .report = static_cast<int>(given.debug_report),
            .tells_mismatches = given.debug_mismatch != 0};
}

} // namespace krait::debug
