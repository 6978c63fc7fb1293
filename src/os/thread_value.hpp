// What the threads library keeps for the calling thread, read without a lock or a request for memory.
#pragma once

#include <cstdint>
#include <pthread.h>

namespace krait::os {

// The thread's value of a key that somebody else made: nullptr if it has none.
inline void* value_of_thread(std::uint32_t key) noexcept { return pthread_getspecific(key); }

// The thread's number in the threads library, as pthread_self gives it.
inline std::uintptr_t own_pthread() noexcept { return static_cast<std::uintptr_t>(pthread_self()); }

} // namespace krait::os
