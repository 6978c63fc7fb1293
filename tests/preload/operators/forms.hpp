// The twenty replaceable operators, and which one the standard library's default of each calls ([new.delete]).
#pragma once

#include <cstddef>

namespace hazard {

enum form : std::size_t {
    new_plain,
    new_array,
    new_nothrow,
    new_array_nothrow,
    new_aligned,
    new_array_aligned,
    new_aligned_nothrow,
    new_array_aligned_nothrow,
    delete_plain,
    delete_array,
    delete_sized,
    delete_array_sized,
    delete_nothrow,
    delete_array_nothrow,
    delete_aligned,
    delete_array_aligned,
    delete_sized_aligned,
    delete_array_sized_aligned,
    delete_aligned_nothrow,
    delete_array_aligned_nothrow,
    forms
};

// A form that calls itself here calls no other: it allocates or frees.
constexpr form forwards_to[forms] = {
    new_plain,      new_plain,           new_plain,      new_array,      new_aligned,    new_aligned,
    new_aligned,    new_array_aligned,   delete_plain,   delete_plain,   delete_plain,   delete_array,
    delete_plain,   delete_array,        delete_aligned, delete_aligned, delete_aligned, delete_array_aligned,
    delete_aligned, delete_array_aligned};

} // namespace hazard
