// What KRAIT_VERBOSE and KRAIT_HELP ask for.
#pragma once

#include "base/text.hpp"

namespace krait {

// "krait 0.1.0 is loaded: 16-byte classes, passthrough: libc; KRAIT_TCACHE=4096": the options that are not at their
// defaults, but for the one that asked for this line. Call when krait is set up.
[[gnu::cold]] void write_banner(text& out) noexcept;

// Every option, its default, and what it does.
[[gnu::cold]] void write_help(text& out) noexcept;

} // namespace krait
