// The C library that krait is written for: glibc 2.33 or later. Another one, as musl, has no second names for its
// malloc family (__libc_malloc …) through which a library that takes malloc over reaches it, no mallinfo2, malloc_trim
// and M_ARENA_MAX, and no __libc_single_threaded.
#pragma once

#include <features.h>

#if !defined(__GLIBC__) || !defined(__GLIBC_PREREQ)
#error "krait needs glibc 2.33 or later: this C library is another one (src/os/libc.hpp says what is missing)"
#elif !__GLIBC_PREREQ(2, 33)
#error "krait needs glibc 2.33 or later: this one is older"
#endif
