// Whether another thread can exist.
#pragma once

#include "os/libc.hpp"

#include <sys/single_threaded.h>

namespace krait::os {

/// No other thread exists, says libc: then nobody can hold a lock, and taking one needs no locked instruction (about 10 ns a
/// pair saved, on every slow path). The answer cannot change within a slow path: krait starts no thread there, and signal
/// handlers may not (pthread_create).
inline bool is_single_threaded() noexcept { return __libc_single_threaded != 0; }

} // namespace krait::os
