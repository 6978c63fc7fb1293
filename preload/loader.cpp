// dlopen with RTLD_DEEPBIND: the library looks names up in itself and in the libraries that it needs first, and so
// would find libc's malloc and free instead of krait's, and give blocks of one to the other. It keeps its own names,
// and libc's names for the malloc family lead to krait from then on (os/redirection.hpp). Where that cannot be, the
// flag is dropped.
//
//   KRAIT_DEEPBIND=1, or the program has a malloc family of its own   the flag and libc's names are left as they are
//   KRAIT_LARGE=next                                                  the flag is dropped: the next allocator may look
//                                                                     libc's up later
#include "os/loader.hpp"
#include "api/options.hpp"
#include "core/process.hpp"
#include "export.hpp"
#include "os/redirection.hpp"
#include "owner.hpp"

#include <array>
#include <cstdlib>
#include <malloc.h>

extern "C" {
void cfree(void* block);
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* __libc_valloc(std::size_t size);
void* __libc_pvalloc(std::size_t size);
void __libc_free(void* block);
int __libc_mallopt(int parameter, int value);
}

namespace {

#define KRAIT_REDIRECTED(name)                                                                                         \
    krait::os::redirected { #name, reinterpret_cast < void*>(&::name) }

bool shares_malloc() noexcept {
    krait::process::open(); // finds out who has which malloc
    if (krait::os::next_functions() != nullptr) return false;
    const auto [libc, system] = krait::os::libraries_with_malloc();
    const std::array names{KRAIT_REDIRECTED(malloc),         KRAIT_REDIRECTED(calloc),
                           KRAIT_REDIRECTED(realloc),        KRAIT_REDIRECTED(free),
                           KRAIT_REDIRECTED(cfree),          KRAIT_REDIRECTED(reallocarray),
                           KRAIT_REDIRECTED(aligned_alloc),  KRAIT_REDIRECTED(memalign),
                           KRAIT_REDIRECTED(posix_memalign), KRAIT_REDIRECTED(valloc),
                           KRAIT_REDIRECTED(pvalloc),        KRAIT_REDIRECTED(malloc_usable_size),
                           KRAIT_REDIRECTED(malloc_trim),    KRAIT_REDIRECTED(mallopt),
                           KRAIT_REDIRECTED(mallinfo),       KRAIT_REDIRECTED(mallinfo2),
                           KRAIT_REDIRECTED(malloc_stats),   KRAIT_REDIRECTED(malloc_info),
                           KRAIT_REDIRECTED(__libc_malloc),  KRAIT_REDIRECTED(__libc_calloc),
                           KRAIT_REDIRECTED(__libc_realloc), KRAIT_REDIRECTED(__libc_memalign),
                           KRAIT_REDIRECTED(__libc_valloc),  KRAIT_REDIRECTED(__libc_pvalloc),
                           KRAIT_REDIRECTED(__libc_free),    KRAIT_REDIRECTED(__libc_mallopt)};
    const std::array libraries{libc, system};
    return krait::os::redirect_once({libraries.data(), libc == system ? std::size_t{1} : libraries.size()}, names);
}

int judged(int mode) noexcept {
    if (krait::os::without_deepbind(mode) == mode) return mode;
    if (krait::current_options().deepbind != 0 || !krait::owns_free() || shares_malloc()) return mode;
    return krait::os::without_deepbind(mode);
}

} // namespace

// Compiled with optimisation in every build, for the tail call: dlopen judges $ORIGIN, run paths and namespaces by its
// return address.
extern "C" KRAIT_EXPORT void* dlopen(const char* file, int mode) noexcept {
    auto* const next = krait::os::next_dlopen();
    return next(file, judged(mode));
}
