// What functions and cells are asked.
#pragma once

#include <krait/object/value/function.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL void fail_call(const object& o) {
    throw type_error("'" + type_name_of(o) + "' object is not callable");
}
KRAIT_OBJECT_DECL void fail_names(const callable& f) {
    throw type_error(f.name().utf8() + "() takes no keyword arguments");
}
inline void repr_cell(const object& o, std::string& out) {
    append_address(out += "<cell at ", o.get());
    const object& contents = body<cell_body>(o)->contents;
    if (!contents) {
        out += ": empty>";
        return;
    }
    append_address(((out += ": ") += type_name_of(contents)) += " object at ", contents.get());
    out += '>';
}
inline void repr_function(const object& o, std::string& out) {
    append_text(out += "<function ", body<const str_body>(body<function_body>(o)->name));
    append_address(out += " at ", o.get());
    out += '>';
}
inline void label_in_cell(const void*, std::size_t, std::string& label) { label += ".cell_contents"; }
inline void label_in_function(const void*, std::size_t index, std::string& label) {
    label += index == 0 ? ".__name__" : ".__closure__";
}

} // namespace detail

KRAIT_OBJECT_DECL object cell::contents() const {
    const object& o = detail::body<detail::cell_body>(*this)->contents;
    if (!o) throw value_error("Cell is empty");
    return o;
}
KRAIT_OBJECT_DECL callable::callable(std::string_view name, native code, object closure)
    : object(detail::new_plain<detail::function_body>(detail::function_record, code, false, intern(str(name)),
                                                      std::move(closure))) {}
KRAIT_OBJECT_DECL callable callable::with_names(std::string_view name, native code, object closure) {
    callable made(name, code, std::move(closure));
    detail::body<detail::function_body>(made)->takes_names = true;
    return made;
}
KRAIT_OBJECT_DECL str callable::name() const { return str(detail::body<detail::function_body>(*this)->name); }

namespace detail {

KRAIT_OBJECT_DECL void expect(const char* name, arguments given, std::size_t least, std::size_t most) {
    if (given.size() >= least && given.size() <= most) return;
    const std::size_t count = given.size() < least ? least : most;
    throw type_error(std::string(name) + "() takes " + std::to_string(count) + " positional argument" +
                     (count == 1 ? "" : "s") + " but " + std::to_string(given.size()) +
                     (given.size() == 1 ? " was given" : " were given"));
}

KRAIT_OBJECT_DECL constinit const value_record cell_record =
    plain_record<cell_body>(value_kind::cell, "cell", destroy_plainly<cell_body>, repr_cell, label_in_cell);
KRAIT_OBJECT_DECL constinit const value_record function_record = plain_record<function_body>(
    value_kind::function, "function", destroy_plainly<function_body>, repr_function, label_in_function);

} // namespace detail

} // namespace krait
