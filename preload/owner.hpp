// Whose malloc family the process uses. A program may bring its own, whole or in part, and then every definition that
// it does not bring has to go with those that it does; a block of krait's pools would be a stranger to its free.
//
//   owns_X()       the first definition of X in load order is krait's: with it, blocks of pools may be handed out
//   derived names  reallocarray, free_sized, free_aligned_sized, cfree and operator delete are calls of realloc and
//                  free through the dynamic symbol: they follow by themselves. The aligned ones and operator new ask
//                  here
//   in libkrait.a  the linker decides: a program's own malloc leaves krait's in the archive, and krait_own_malloc is
//                  null
//
// Decided once, at the first question; it does not change afterwards.
#pragma once

#include <cstddef>

extern "C" {
[[gnu::weak, gnu::visibility("hidden")]] void* krait_own_malloc(std::size_t size);
[[gnu::weak, gnu::visibility("hidden")]] void krait_own_free(void* block);
[[gnu::weak, gnu::visibility("hidden")]] void* krait_own_aligned_alloc(std::size_t alignment, std::size_t size);
}

namespace krait {

bool owns_malloc() noexcept;
bool owns_free() noexcept;
bool owns_aligned_alloc() noexcept;

// Asks for free's owner at the program's start, where requests were made before: the loader's tables are quiet then.
// In derived.cpp, which so comes out of libkrait.a with malloc: other libraries must find all of the family where they
// find malloc.
void settle_owner() noexcept;

} // namespace krait
