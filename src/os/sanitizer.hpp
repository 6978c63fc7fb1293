// Sanitizers: compilers' instruments whose runtime, in the program or beside it as a library, brings its own malloc.
#pragma once

namespace krait::os {

// The name of the sanitizer whose malloc must see every request of this process; nullptr if there is none. gcc's
// runtimes, linked statically, cannot be told, and need not be: their malloc is the program's own, so krait's is never
// asked.
const char* sanitizer_name() noexcept;

} // namespace krait::os
