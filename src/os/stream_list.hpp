// The lock of libc's list of streams. fork waits for it after the calls that were asked for (pthread_atfork). Who has
// locks of their own by then keeps its holders from memory: whoever flushes all streams holds it, and waits for each
// stream's user, who may ask malloc for something. Taken first, in such a call, there is nothing left to wait for: it
// is taken again by the thread that has it. In the child libc makes it anew, if the process had other threads at the
// fork. Where it had none, libc neither takes it nor makes it anew, and there is nobody to wait for: it is to be left
// alone then.
#pragma once

extern "C" {
[[gnu::weak]] void _IO_list_lock();
[[gnu::weak]] void _IO_list_unlock();
}

namespace krait::os {

inline void lock_stream_list() noexcept {
    if (&_IO_list_lock != nullptr && &_IO_list_unlock != nullptr) _IO_list_lock();
}

inline void unlock_stream_list() noexcept {
    if (&_IO_list_lock != nullptr && &_IO_list_unlock != nullptr) _IO_list_unlock();
}

} // namespace krait::os
