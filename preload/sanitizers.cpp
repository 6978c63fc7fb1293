// AddressSanitizer, as a library, ends the program where another library comes before it. Behind krait it gets every
// request all the same (os/sanitizer.hpp). It asks for its default options by this name; a program's own definition
// comes first, and then ASAN_OPTIONS has to say so.
#include "export.hpp"

extern "C" KRAIT_EXPORT const char* __asan_default_options() noexcept { return "verify_asan_link_order=0"; }
