// What a weak reference refers to, and may refer to.
#pragma once

#include <krait/object/value/weakref.hpp>

namespace krait {

KRAIT_OBJECT_DECL object weakref::operator()() const {
    const ref<void> alive = weak_.lock();
    return alive ? object(alive) : detail::single(&detail::nothing_at_all.body);
}
KRAIT_OBJECT_DECL const ref<void>& weakref::checked(const object& to) {
    switch (to.kind()) {
    case value_kind::other:
    case value_kind::set:
    case value_kind::frozenset:
    case value_kind::function:
    case value_kind::type:
    case value_kind::instance:
        break;
    default:
        throw type_error("cannot create weak reference to '" + detail::type_name_of(to) + "' object");
    }
    return to.reference();
}

} // namespace krait
