// tiny's built-in functions, and its modules: gc, sys, weakref, time. Methods are krait's: krait/object/builtins.hpp.
#pragma once

#include <ctime>

#include <krait/object/gc.hpp>

#include "interpreter.hpp"

namespace tiny {

inline object type_as_class(const object& o) {
    if (o.kind() == krait::value_kind::instance) return instance::of(o).type();
    static const dict known;
    const str name(type_of(o).name());
    if (object found = known.get(name)) return found;
    return known.setdefault(name, class_(name.utf8()));
}

inline void def(const char* name, krait::native code) {
    const str known = krait::intern(str(name));
    builtins().set(known, callable::with_names(name, code));
}
// With parameters, the last of which have defaults.
inline void def(const char* name, std::initializer_list<str> parameters, std::initializer_list<object> defaults,
                krait::native code, bool rest = false, bool more = false) {
    builtins().set(krait::intern(str(name)),
                   krait::function_with(name, krait::signature(parameters, defaults, rest, more), code));
}
inline instance module(const char* name) {
    static const class_ modules("module");
    const instance made = modules();
    builtins().set(krait::intern(str(std::string("module ") + name)), made);
    return made;
}
inline void def(const instance& of, const char* name, krait::native code) {
    krait::setattr(of, krait::intern(str(name)), callable(name, code));
}

// min and max: of one value's items, or of the values.
template <object (*F)(const object&, const object&, const object&)>
void define_extreme(const char* name) {
    const str known = krait::intern(str(name));
    builtins().set(known, callable::with_names(name, [](const callable&, arguments a) -> object {
                       object key = None, otherwise;
                       for (const krait::named& n : a.by_name()) (n.name == str("key") ? key : otherwise) = n.value;
                       return F(a.size() == 1 ? a[0] : object(tuple(a.data(), a.size())), key, otherwise);
                   }));
}

inline void define_functions() {
    using krait::value_kind;
    builtins().set(krait::intern(str("NotImplemented")), krait::NotImplemented);
    def("print", [](const callable& self, arguments a) -> object {
        std::string line, between = " ", end = "\n";
        for (const krait::named& n : a.by_name())
            (n.name == str("sep") ? between
             : n.name == str("end")
                 ? end
                 : throw krait::type_error("'" + n.name.utf8() + "' is an invalid keyword argument for print()")) =
                str(n.value).utf8();
        for (std::size_t i = 0; i < a.size(); ++i) line.append(i == 0 ? "" : between) += krait::to_text(a[i]);
        std::printf("%s%s", line.c_str(), end.c_str());
        return (void)self, None;
    });
    def("len", [](const callable&, arguments a) -> object { return krait::len(a[0]); });
    def("repr", [](const callable&, arguments a) -> object { return str(krait::repr(a[0])); });
    def("ascii", [](const callable&, arguments a) -> object { return str(krait::detail::ascii_repr(a[0])); });
    def("str", {"object"}, {object(str())},
        [](const callable&, arguments a) -> object { return str(krait::to_text(a[0])); });
    def("bool", {"x"}, {false}, [](const callable&, arguments a) -> object { return krait::truth(a[0]); });
    def("float", {"x"}, {0.0}, [](const callable&, arguments a) { return krait::to_float(a[0]); });
    def("int", {"x", "base"}, {0, None}, [](const callable&, arguments a) {
        if (krait::is_none(a[1])) return krait::to_int(a[0]);
        return krait::to_int(a[0], static_cast<int>(krait::int_::to_int64(a[1])));
    });
    def("bytes", {"source"}, {object(tuple())}, [](const callable&, arguments a) -> object {
        std::string all;
        for (const object& byte : krait::each(a[0])) all += static_cast<char>(krait::int_::to_int64(byte));
        return krait::bytes(all);
    });
    def("list", {"of"}, {object(tuple())}, [](const callable&, arguments a) -> object { return krait::list_of(a[0]); });
    def("tuple", {"of"}, {object(tuple())}, [](const callable&, arguments a) { return krait::tuple_of(a[0]); });
    def("set", {"of"}, {object(tuple())}, [](const callable&, arguments a) { return krait::set_of(a[0]); });
    def("frozenset", {"of"}, {object(tuple())}, [](const callable&, arguments a) { return krait::set_of(a[0], true); });
    def(
        "dict", {}, {},
        [](const callable&, arguments a) -> object {
            const dict made;
            for (const object& from : tuple::of(a[0])) krait::detail::update_dict(made, from);
            made.update(dict::of(a[1]));
            return made;
        },
        true, true);
    def("iter", [](const callable&, arguments a) { return krait::iter(a[0]); });
    def("next", {"of", "otherwise"}, {object(krait::make<weak_box>())}, [](const callable&, arguments a) -> object {
        if (object item = krait::next(a[0])) return item;
        if (as<weak_box>(a[1]) == nullptr) return a[1];
        throw krait::error("StopIteration", "");
    });
    def("enumerate", {"of", "start"}, {0},
        [](const callable&, arguments a) { return krait::enumerate(a[0], krait::detail::number_of(a[1])); });
    def("zip", [](const callable&, arguments a) { return krait::zip(a); });
    def("map", [](const callable&, arguments a) { return krait::map(a[0], a.subspan(1)); });
    def("filter", [](const callable&, arguments a) { return krait::filter(a[0], a[1]); });
    def("reversed", [](const callable&, arguments a) { return krait::reversed(a[0]); });
    def("sorted", {"of", "key", "reverse"}, {None, false},
        [](const callable&, arguments a) -> object { return krait::sorted(a[0], a[1], krait::truth(a[2])); });
    define_extreme<krait::min>("min");
    define_extreme<krait::max>("max");
    def("sum", {"of", "start"}, {0}, [](const callable&, arguments a) { return krait::sum(a[0], a[1]); });
    def("any", [](const callable&, arguments a) -> object { return krait::any(a[0]); });
    def("all", [](const callable&, arguments a) -> object { return krait::all(a[0]); });
    def("abs", [](const callable&, arguments a) { return krait::absolute(a[0]); });
    def("divmod", [](const callable&, arguments a) -> object { return krait::divmod(a[0], a[1]); });
    def("round", {"number", "ndigits"}, {None}, [](const callable&, arguments a) { return krait::round(a[0], a[1]); });
    def("pow", {"base", "exp", "mod"}, {None},
        [](const callable&, arguments a) { return krait::power(a[0], a[1], a[2]); });
    def("format", {"value", "spec"}, {object(str())},
        [](const callable&, arguments a) -> object { return str(krait::format(a[0], str(a[1]).utf8())); });
    def("chr", [](const callable&, arguments a) -> object { return str(krait::format(a[0], "c")); });
    def("ord", [](const callable&, arguments a) -> object {
        if (krait::len(a[0]) != 1) throw krait::type_error("ord() expected a character");
        return static_cast<std::int64_t>(krait::detail::text(a[0]).at(0));
    });
    def("bin", [](const callable&, arguments a) -> object { return str(krait::format(a[0], "#b")); });
    def("oct", [](const callable&, arguments a) -> object { return str(krait::format(a[0], "#o")); });
    def("hex", [](const callable&, arguments a) -> object { return str(krait::format(a[0], "#x")); });
    def("range", {"first", "last", "step"}, {None, 1}, [](const callable&, arguments a) {
        const auto number = [&](std::size_t i) { return krait::detail::number_of(a[i]); };
        return krait::is_none(a[1]) ? krait::range(number(0)) : krait::range(number(0), number(1), number(2));
    });
    def("type", [](const callable&, arguments a) { return type_as_class(a[0]); });
    def("id", [](const callable&, arguments a) -> object { return krait::id(a[0]); });
    def("hash", [](const callable&, arguments a) -> object { return krait::hash(a[0]); });
    def("isinstance", [](const callable&, arguments a) -> object {
        if (a[1].kind() != value_kind::tuple) return is_instance(a[0], a[1]);
        bool any = false;
        for (const object& type : tuple::of(a[1])) any |= is_instance(a[0], type);
        return any;
    });
    def("hasattr",
        [](const callable&, arguments a) -> object { return krait::hasattr(a[0], krait::intern(str(a[1]))); });
    def("getattr", [](const callable&, arguments a) {
        if (a.size() > 2) return krait::hasattr(a[0], str(a[1])) ? krait::getattr(a[0], str(a[1])) : a[2];
        return krait::find_method(a[0], krait::intern(str(a[1])));
    });
    def("setattr", [](const callable&, arguments a) {
        krait::setattr(a[0], krait::intern(str(a[1])), a[2]);
        return None;
    });
}

inline void define_exceptions() {
    const class_ exception("Exception");
    exception.def("__init__", [](const callable&, arguments a) {
        krait::setattr(a[0], "args", tuple(a.data() + 1, a.size() - 1));
        return None;
    });
    exception.def("__str__", [](const callable&, arguments a) -> object {
        const tuple args = tuple::of(krait::getattr(a[0], "args"));
        return args.size() == 1 ? str(krait::to_text(args[0])) : args.size() == 0 ? str() : str(krait::repr(args));
    });
    builtins().set(krait::intern(str("Exception")), exception);
    for (const char* name :
         {"TypeError", "ValueError", "KeyError", "IndexError", "NameError", "AttributeError", "OverflowError",
          "ZeroDivisionError", "RuntimeError", "RecursionError", "StopIteration", "MemoryError"})
        exception_class(name);
}

inline void define_modules() {
    const instance gc = module("gc"), sys = module("sys"), weakref = module("weakref"), time = module("time");
    def(gc, "collect", [](const callable&, arguments a) -> object {
        return krait::gc::collect(a.empty() ? 2 : static_cast<int>(krait::int_::to_int64(a[0])));
    });
    def(gc, "enable", [](const callable&, arguments) { return krait::gc::enable(), None; });
    def(gc, "disable", [](const callable&, arguments) { return krait::gc::disable(), None; });
    def(gc, "is_tracked", [](const callable&, arguments a) -> object { return krait::gc::is_tracked(a[0]); });
    def(gc, "get_threshold", [](const callable&, arguments) -> object {
        const auto t = krait::gc::get_threshold();
        return tuple{t[0], t[1], t[2]};
    });
    // The argument's own reference is one of them, as in CPython.
    def(sys, "getrefcount", [](const callable&, arguments a) -> object { return a[0].use_count(); });
    def(sys, "getsizeof", [](const callable&, arguments a) -> object { return krait::getsizeof(a[0]); });
    def(sys, "intern", [](const callable&, arguments a) -> object { return krait::intern(str(a[0])); });
    def(weakref, "ref", [](const callable&, arguments a) -> object {
        if (a.size() == 1) return krait::make<weak_box>(krait::weakref(a[0]));
        return krait::make<weak_box>(krait::weakref(a[0], [f = a[1]](krait::weakref& w) {
            call_value(f, {{object(krait::make<weak_box>(w))}, {}});
        }));
    });
    def(time, "process_time",
        [](const callable&, arguments) -> object { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; });
}

} // namespace tiny
