// holds_no_references<T>: the program's word that a T, and what is derived from it, holds no ref and no weak.
//
//     template <> inline constexpr bool krait::holds_no_references<library::image> = true;
// For classes that cannot be changed. A wrong one leaks the cycles through it; nothing dangles.
#pragma once

namespace krait {

template <class T>
inline constexpr bool holds_no_references = false;

} // namespace krait
