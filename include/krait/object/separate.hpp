// Where the bodies of functions are that are not hot: in every file that uses them, or in one.
//
//   header-only   the default: a header includes its bodies, impl/ beside it, at its end, and they are inline
//   separate      KRAIT_OBJECT_SEPARATE_COMPILATION is defined for the whole program: headers only declare these
//                 functions, and one source file includes value_source.hpp, which has all bodies
//
// What is in impl/ no file of a program includes by itself.
//
// Each kind has its own idea of what mixes_header_only_and_separate is: so a linker refuses files of both kinds, and
// names it: "TLS definition in a.o mismatches non-TLS definition in b.o".
#pragma once

#ifdef KRAIT_OBJECT_SEPARATE_COMPILATION
#define KRAIT_OBJECT_DECL
#else
#define KRAIT_OBJECT_DECL inline
#endif

namespace krait::detail {

#ifdef KRAIT_OBJECT_SEPARATE_COMPILATION
[[gnu::used, gnu::visibility("hidden")]] inline constinit char mixes_header_only_and_separate = 0;
#else
[[gnu::used, gnu::visibility("hidden")]] inline constinit thread_local char mixes_header_only_and_separate = 0;
#endif

} // namespace krait::detail
