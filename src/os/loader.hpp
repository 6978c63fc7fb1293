// The one contract with the dynamic loader about opening and closing libraries.
#pragma once

#include "os/system_allocator.hpp"

#include <dlfcn.h>

namespace krait::os {

using dlopen_function = void*(const char* file, int mode);

// dlopen as the next library in link order has it.
inline dlopen_function* next_dlopen() noexcept { return next_definition<dlopen_function>("dlopen"); }

// The same of dlclose.
using dlclose_function = int(void* handle);
inline dlclose_function* next_dlclose() noexcept { return next_definition<dlclose_function>("dlclose"); }

// The mode with which a library sees the same malloc as everybody else.
inline int without_deepbind(int mode) noexcept { return mode & ~RTLD_DEEPBIND; }

} // namespace krait::os
