// What else libkrait_trace.so has to see: the program's own mappings, libraries that close, and the ends of a process
// that run no destructor. Each goes on to the next definition.
#include "os/traced_calls.hpp"
#include "export.hpp"
#include "os/loader.hpp"
#include "os/system_allocator.hpp"
#include "trace/recorder.hpp"

namespace os = krait::os;
namespace trace = krait::trace;

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

// Programs that start others in their own place. What there is by now is written; if it fails, recording goes on.
KRAIT_EXPORT int execve(const char* file, char* const* arguments, char* const* environment) noexcept {
    trace::flush_all();
    return os::next_definition<int(const char*, char* const*, char* const*)>("execve")(file, arguments, environment);
}
KRAIT_EXPORT int execv(const char* file, char* const* arguments) noexcept {
    trace::flush_all();
    return os::next_definition<int(const char*, char* const*)>("execv")(file, arguments);
}
KRAIT_EXPORT int execvp(const char* file, char* const* arguments) noexcept {
    trace::flush_all();
    return os::next_definition<int(const char*, char* const*)>("execvp")(file, arguments);
}
KRAIT_EXPORT int execvpe(const char* file, char* const* arguments, char* const* environment) noexcept {
    trace::flush_all();
    return os::next_definition<int(const char*, char* const*, char* const*)>("execvpe")(file, arguments, environment);
}
KRAIT_EXPORT int fexecve(int file, char* const* arguments, char* const* environment) noexcept {
    trace::flush_all();
    return os::next_definition<int(int, char* const*, char* const*)>("fexecve")(file, arguments, environment);
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
