// The commit that a product was built from.
#pragma once

namespace krait {

// As git abbreviates it, with a "+" where the tree had changes; empty where the sources were no repository. Only the
// shared libraries and the command have it, so that a commit is not a reason to link every test again: elsewhere its
// address is null.
extern const char commit[] __attribute__((weak, visibility("hidden")));

} // namespace krait
