// What else libkrait_trace.so has to see: the program's own mappings, libraries that close, and the ends of a process
// that run no destructor. Each goes on to the next definition.
#include "os/traced_calls.hpp"
#include "os/loader.hpp"
#include "trace/recorder.hpp"

namespace os = krait::os;
namespace trace = krait::trace;

#define KRAIT_EXPORT __attribute__((visibility("default")))

namespace {

[[gnu::constructor(102)]] void start() { trace::at_start(); }
[[gnu::destructor(102)]] void finish() { trace::at_exit(); }

[[gnu::always_inline]] inline void* told(const void* frame, void* address, std::size_t size) noexcept {
    const auto* const hooks = trace::current_hooks();
    if (hooks != nullptr && address != os::map_failed) hooks->mapped(frame, address, size);
    return address;
}

void tell_of_unmapping(const void* frame, void* address, std::size_t size) noexcept {
    const auto* const hooks = trace::current_hooks();
    if (hooks != nullptr) hooks->unmapping(frame, address, size);
}

} // namespace

extern "C" {

KRAIT_EXPORT void* mmap(void* wish, std::size_t size, int protection, int flags, int file,
                        os::file_offset offset) noexcept {
    return told(__builtin_frame_address(0), os::map_call(wish, size, protection, flags, file, offset), size);
}
KRAIT_EXPORT void* mmap64(void* wish, std::size_t size, int protection, int flags, int file,
                          os::file_offset offset) noexcept {
    return told(__builtin_frame_address(0), os::map_call(wish, size, protection, flags, file, offset), size);
}
KRAIT_EXPORT int munmap(void* address, std::size_t size) noexcept {
    tell_of_unmapping(__builtin_frame_address(0), address, size);
    return os::unmap_call(address, size);
}

KRAIT_EXPORT int dlclose(void* handle) noexcept {
    const int result = os::next_dlclose()(handle);
    trace::library_closed();
    return result;
}

KRAIT_EXPORT void _exit(int status) {
    trace::flush_all();
    os::end_process(status);
}
KRAIT_EXPORT void _Exit(int status) noexcept {
    trace::flush_all();
    os::end_process(status);
}
}
