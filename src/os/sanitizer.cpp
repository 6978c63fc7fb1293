#include "os/sanitizer.hpp"

#include "base/check.hpp"

// Every runtime's entry, under its documented name: null where the dynamic loader finds none.
#ifdef KRAIT_OVERRIDES_MALLOC
extern "C" {
[[gnu::weak]] void __asan_init();
[[gnu::weak]] void __hwasan_init();
[[gnu::weak]] void __lsan_init();
[[gnu::weak]] void __msan_init();
[[gnu::weak]] void __tsan_init();
}
#endif

namespace krait::os {

[[KRAIT_AT_START]] const char* sanitizer_name() noexcept {
#ifdef KRAIT_OVERRIDES_MALLOC
    if (&__asan_init != nullptr) return "AddressSanitizer";
    if (&__hwasan_init != nullptr) return "HWAddressSanitizer";
    if (&__lsan_init != nullptr) return "LeakSanitizer";
    if (&__msan_init != nullptr) return "MemorySanitizer";
    if (&__tsan_init != nullptr) return "ThreadSanitizer";
#endif
    return nullptr;
}

} // namespace krait::os
