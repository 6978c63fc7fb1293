// Who serves the exported functions: the core itself; in libkrait_trace.so, the core with the recorder beside it; in
// libkrait_debug.so, the debug hooks over the core. And who listens to what else the exported functions know of a block
// (unlabelled.hpp): the debug hooks alone.
#pragma once

#if defined(KRAIT_DEBUGGED)
#include "debugged.hpp"
namespace served = krait::debugged;
namespace label = krait::debugged;
#else
#include "unlabelled.hpp"
namespace label = krait::unlabelled;
#if defined(KRAIT_TRACED)
#include "traced.hpp"
namespace served = krait::traced;
#else
#include "core/process.hpp"
namespace served = krait::process;
#endif
#endif
