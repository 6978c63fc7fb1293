// Checked builds: whether an address is that of an object that make() made.
//
// In front of such an object is a head, whose word has the address of a record or of a cell, and all of those are known
// here. In front of any other object is something else: what is there is looked at, but not followed.
#pragma once

#include <krait/object/head.hpp>
#include <krait/object/report.hpp>

namespace krait::detail {

void add_known(const void* address);
void forget_known(const void* address) noexcept;
void check_known(const volatile void* object) noexcept;

// A record, or a cell, from now on.
inline void know([[maybe_unused]] const void* address) {
    if constexpr (checked) add_known(address);
}
inline void forget_address([[maybe_unused]] const void* address) noexcept {
    if constexpr (checked) forget_known(address);
}
inline void check_made([[maybe_unused]] const volatile void* object) noexcept {
    if constexpr (checked)
        if (object != nullptr) check_known(object);
}

} // namespace krait::detail

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/made.hpp>
#endif
