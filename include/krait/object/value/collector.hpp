// krait::gc's questions, asked of values.
#pragma once

#include <krait/object/gc.hpp>
#include <krait/object/value/object.hpp>

namespace krait::gc {

// Atoms never are; tuples and dicts are not while a run, or nothing yet, has found anything tracked in them.
inline bool is_tracked(const object& o) noexcept { return is_tracked(o.reference()); }
// Whether its __del__ has run.
inline bool is_finalized(const object& o) noexcept { return is_finalized(o.reference()); }

} // namespace krait::gc
