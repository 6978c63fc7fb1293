// An order that the kernel makes: whoever is told that a thread is gone (os::is_gone) sees all that it did, as it has
// stopped on every processor by then. The thread sanitizer does not know of it, and is told. Nothing in any other
// build.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define KRAIT_TELLS_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KRAIT_TELLS_THREAD_SANITIZER
#endif
#endif

#ifdef KRAIT_TELLS_THREAD_SANITIZER
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace krait::os {

// What this thread did to `own` by now is ordered before what is done to it once the thread is gone.
[[gnu::always_inline]] inline void leave_for_when_gone([[maybe_unused]] const void* own) noexcept {
#ifdef KRAIT_TELLS_THREAD_SANITIZER
    __tsan_release(const_cast<void*>(own));
#endif
}

// By the thread that was told.
[[gnu::always_inline]] inline void see_of_gone([[maybe_unused]] const void* left) noexcept {
#ifdef KRAIT_TELLS_THREAD_SANITIZER
    __tsan_acquire(const_cast<void*>(left));
#endif
}

} // namespace krait::os
