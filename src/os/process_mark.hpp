// Whether this memory is still that of the process that made the mark. A child of fork, of _Fork or of the system call
// has a copy, in which the kernel wiped the mark; a child of vfork shares the memory, and the mark with it. Who looks
// makes no system call.
#pragma once

#include <atomic>

namespace krait::os {

class process_mark {
  public:
    // By one thread, at set-up, and again in a child that goes on with what was copied. Where the kernel does not wipe
    // (before Linux 4.14, or where memory or a filter of system calls does not allow it) the mark is always there.
    void make() noexcept;
    bool is_there() const noexcept { return word_ == nullptr || word_->load(std::memory_order_relaxed) != 0; }

  private:
    std::atomic<int>* word_ = nullptr; // alone in a page
};

} // namespace krait::os
