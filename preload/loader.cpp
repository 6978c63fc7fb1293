// dlopen without RTLD_DEEPBIND: a library opened with it would find libc's malloc and free instead of krait's, and give blocks of
// one to the other. KRAIT_DEEPBIND=1 leaves the flag as it is.
#include "os/loader.hpp"
#include "api/options.hpp"

// Compiled with optimisation in every build, for the tail call: dlopen judges $ORIGIN, run paths and namespaces by its return
// address.
extern "C" [[gnu::visibility("default")]] void* dlopen(const char* file, int mode) noexcept {
    auto* const next = krait::os::next_dlopen();
    return next(file, krait::current_options().deepbind != 0 ? mode : krait::os::without_deepbind(mode));
}
