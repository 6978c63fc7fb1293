#pragma once

#include <pthread.h>

namespace krait::os {

/// While it lives, a request to cancel this thread waits: malloc and free are no cancellation points, and a thread that ended
/// in the middle of one would keep krait's locks for ever.
class uncancelled {
  public:
    uncancelled() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    ~uncancelled() { pthread_setcancelstate(before_, nullptr); }
    uncancelled(const uncancelled&) = delete;
    uncancelled& operator=(const uncancelled&) = delete;

  private:
    int before_ = PTHREAD_CANCEL_ENABLE;
};

} // namespace krait::os
