// Sleeping on a word.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace krait::os {

// The first 32 bits at `word` are compared by the kernel. Changes errno.
inline long futex(void* word, int operation, std::uint32_t value) noexcept {
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

} // namespace krait::os
