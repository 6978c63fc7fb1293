// Names of a loaded library that lead elsewhere: for libraries opened with RTLD_DEEPBIND, which look a name up in
// themselves and in the libraries that they need before they look where everybody does, and would find libc's malloc
// and not the process's.
//
//   redirected name   whoever looks the name up in the library from now on gets the other definition: the loader on
//                     behalf of a library that it opens, also lazily, and dlsym(3) of the library's handle. What was
//                     bound before stays so
//   how               the symbol's value in the library's dynamic symbols, in this process alone. The pages are written
//                     and made read-only again; where they hold code as well (no separate segment for it), nothing is
//                     done
//
// Not redirected are the library's calls of itself that need no symbol.
#pragma once

#include "os/loaded_library.hpp"

#include <cstddef>
#include <span>

namespace krait::os {

struct redirected {
    const char* name; // lives as long as the process
    void* to;
};

// Redirects those of the names that the libraries define, once for the whole life of the process. False if that cannot
// be, or another thread is in the middle of it: then it is not known which names are redirected.
[[nodiscard]] bool redirect_once(std::span<const loaded_library> libraries, std::span<const redirected> names) noexcept;

// Where the library's own definition of the name is, redirected or not; nullptr if it has none.
void* own_definition(const loaded_library& library, const char* name) noexcept;

} // namespace krait::os
