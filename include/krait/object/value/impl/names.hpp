// Names that are not bound.
#pragma once

#include <krait/object/value/names.hpp>

namespace krait {

KRAIT_OBJECT_DECL void names::del(const str& text) const {
    const object gone = bound_.pop(text, object());
    if (!gone) throw name_error("name '" + text.utf8() + "' is not defined");
}
KRAIT_OBJECT_DECL object names::value_of(const dict& of, const str& text) {
    object found = of.get(text);
    if (!found) throw name_error("name '" + text.utf8() + "' is not defined");
    return found;
}

} // namespace krait
