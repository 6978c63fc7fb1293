// The malloc family under load, and krait's instruments. Linked with krait_api (LOAD_LINKED) the family is krait's own names, so
// that sanitizers can watch; otherwise it is the process's, whoever serves it, and without krait the instruments do nothing.
#pragma once

#include <krait/krait.h>

#include <cstdlib>
#include <dlfcn.h>
#include <malloc.h>

namespace load {

#ifdef LOAD_LINKED

inline void* allocate(std::size_t size) { return krait_malloc(size); }
inline void* allocate_zeroed(std::size_t size) { return krait_calloc(1, size); }
inline void* allocate_aligned(std::size_t alignment, std::size_t size) { return krait_memalign(alignment, size); }
inline void* reallocate(void* block, std::size_t size) { return krait_realloc(block, size); }
inline void deallocate(void* block) { krait_free(block); }
inline void trim() { krait_malloc_trim(0); }

#else

inline void* allocate(std::size_t size) { return std::malloc(size); }
inline void* allocate_zeroed(std::size_t size) { return std::calloc(1, size); }
inline void* allocate_aligned(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
inline void* reallocate(void* block, std::size_t size) { return std::realloc(block, size); }
inline void deallocate(void* block) { std::free(block); }
inline void trim() { malloc_trim(0); }

#endif

struct instruments {
    decltype(&krait_check) check;
    decltype(&krait_collect) collect;
    decltype(&krait_stats_get) stats_get;
    decltype(&krait_stats_print) stats_print;
};

inline const instruments& krait() {
#ifdef LOAD_LINKED
    static const instruments found{krait_check, krait_collect, krait_stats_get, krait_stats_print};
#else
    static const auto looked_up = []<class F>(F& function, const char* name, F otherwise) {
        void* const address = dlsym(RTLD_DEFAULT, name);
        function = address ? reinterpret_cast<F>(address) : otherwise;
    };
    static const instruments found = [] {
        instruments all;
        looked_up(
            all.check, "krait_check", +[](int) -> std::size_t { return 0; });
        looked_up(
            all.collect, "krait_collect", +[]() -> std::size_t { return 0; });
        looked_up(
            all.stats_get, "krait_stats_get", +[](krait_stats* stats, std::size_t) -> std::size_t {
                *stats = {};
                return 0;
            });
        looked_up(
            all.stats_print, "krait_stats_print", +[](int) {});
        return all;
    }();
#endif
    return found;
}

} // namespace load
