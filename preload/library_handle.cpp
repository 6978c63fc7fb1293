// What the compiler's start files define in a library, as the C++ ABI names it: the address by which the C library
// tells one library's handlers from another's. libkrait.so is linked without these files (CMakeLists.txt); who links
// them gets theirs.
extern "C" {
[[gnu::visibility("hidden")]] extern void* __dso_handle;
[[gnu::weak]] void* __dso_handle = &__dso_handle;
}
