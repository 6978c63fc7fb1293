// Counts the calls and hands them to the next allocator in link order.
#include <atomic>
#include <cstddef>
#include <dlfcn.h>

namespace {

std::atomic<std::size_t> calls{0};

template <class Function>
Function next(const char* name) {
    ++calls;
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {
[[gnu::visibility("default")]] std::size_t wrapper_calls() { return calls; }
[[gnu::visibility("default")]] void* malloc(std::size_t size) { return next<void* (*)(std::size_t)>("malloc")(size); }
[[gnu::visibility("default")]] void* calloc(std::size_t count, std::size_t size) {
    return next<void* (*)(std::size_t, std::size_t)>("calloc")(count, size);
}
[[gnu::visibility("default")]] void* realloc(void* p, std::size_t size) {
    return next<void* (*)(void*, std::size_t)>("realloc")(p, size);
}
[[gnu::visibility("default")]] void free(void* p) { next<void (*)(void*)>("free")(p); }
}
