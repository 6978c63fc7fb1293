// Who serves the exported functions: the core itself or, in libkrait_trace.so, the core with the recorder beside it.
#pragma once

#ifdef KRAIT_TRACED
#include "traced.hpp"
namespace served = krait::traced;
#else
#include "core/process.hpp"
namespace served = krait::process;
#endif
