// How errors are thrown.
#pragma once

#include <krait/object/value/errors.hpp>

namespace krait::detail {

KRAIT_OBJECT_DECL void fail_recursion(const char* where) {
    throw recursion_error(std::string("maximum recursion depth exceeded") + where);
}

} // namespace krait::detail
