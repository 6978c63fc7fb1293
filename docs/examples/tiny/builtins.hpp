// tiny's built-in functions, the methods of the built-in types, and its modules: gc, sys, weakref, time.
#pragma once

#include <ctime>

#include <krait/object/gc.hpp>

#include "interpreter.hpp"

namespace tiny {

inline object call_method(const object& self, const str& name, arguments a) {
    using krait::value_kind;
    const std::string method = name.utf8();
    const auto number = [&](std::size_t i, std::int64_t otherwise) {
        return i < a.size() ? krait::int_::to_int64(a[i]) : otherwise;
    };
    if (self.kind() == value_kind::list) {
        const list l = list::of(self);
        if (method == "append") return l.append(a[0]), None;
        if (method == "extend") return l.extend(to_list(a[0])), None;
        if (method == "pop") return l.pop(number(0, -1));
        if (method == "insert") return l.insert(number(0, 0), a[1]), None;
        if (method == "clear") return l.clear(), None;
        if (method == "reverse") return l.reverse(), None;
        if (method == "sort") return sort(l), None;
    } else if (self.kind() == value_kind::dict) {
        const dict d = dict::of(self);
        if (method == "get") return d.get(a[0], a.size() > 1 ? a[1] : None);
        if (method == "pop") return a.size() > 1 ? d.pop(a[0], a[1]) : d.pop(a[0]);
        if (method == "keys") return d.keys();
        if (method == "values") return d.values();
        if (method == "items") return d.items();
        if (method == "clear") return d.clear(), None;
        if (method == "setdefault") return d.setdefault(a[0], a[1]);
    } else if (self.kind() == value_kind::set) {
        const krait::set s = krait::set::of(self);
        if (method == "add") return s.add(a[0]), None;
        if (method == "discard") return s.discard(a[0]), None;
        if (method == "remove") return s.remove(a[0]), None;
        if (method == "pop") return s.pop();
    } else if (self.kind() == value_kind::string && method == "join") {
        return str(self).join(to_list(a[0]));
    }
    throw krait::attribute_error("'" + type_of(self).name() + "' object has no attribute '" + method + "'");
}

inline object type_as_class(const object& o) {
    if (o.kind() == krait::value_kind::instance) return instance::of(o).type();
    static const dict known;
    const str name(type_of(o).name());
    if (object found = known.get(name)) return found;
    return known.setdefault(name, class_(name.utf8()));
}

inline void def(const char* name, krait::native code) {
    const str known = krait::intern(str(name));
    builtins().set(known, callable(name, code));
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

inline void define_functions() {
    def("print", [](const callable&, arguments a) -> object {
        std::string line;
        for (const object& o : a) line.append(line.empty() ? "" : " ") += krait::to_text(o);
        std::printf("%s\n", line.c_str());
        return None;
    });
    def("len", [](const callable&, arguments a) -> object { return krait::len(a[0]); });
    def("repr", [](const callable&, arguments a) -> object { return str(krait::repr(a[0])); });
    def("str", [](const callable&, arguments a) -> object { return str(krait::to_text(a[0])); });
    def("int", [](const callable&, arguments a) -> object {
        if (a[0].kind() == krait::value_kind::string) return krait::int_::parse(str(a[0]).utf8());
        if (a[0].kind() == krait::value_kind::floating)
            return static_cast<std::int64_t>(krait::detail::float_value_of(a[0]));
        return krait::int_::to_int64(a[0]);
    });
    def("list", [](const callable&, arguments a) -> object { return a.empty() ? list() : to_list(a[0]); });
    def("tuple", [](const callable&, arguments a) -> object {
        std::vector<object> items;
        if (!a.empty()) iterate(a[0], [&](const object& o) { return items.push_back(o), true; });
        return tuple(items.data(), items.size());
    });
    def("set", [](const callable&, arguments a) -> object {
        const krait::set made;
        if (!a.empty()) iterate(a[0], [&](const object& o) { return made.add(o), true; });
        return made;
    });
    def("sum", [](const callable&, arguments a) -> object {
        object total = 0;
        iterate(a[0], [&](const object& o) { return total = total + o, true; });
        return total;
    });
    def("any", [](const callable&, arguments a) -> object {
        bool found = false;
        iterate(a[0], [&](const object& o) { return !(found = krait::truth(o)); });
        return found;
    });
    def("range", [](const callable&, arguments a) -> object {
        const auto number = [&](std::size_t i) { return krait::int_::to_int64(a[i]); };
        if (a.size() == 1) return krait::make<range>(0, number(0), 1);
        return krait::make<range>(number(0), number(1), a.size() > 2 ? number(2) : 1);
    });
    def("next", [](const callable&, arguments a) -> object {
        generator_object* const g = as<generator_object>(a[0]);
        if (g == nullptr) throw krait::type_error("'" + type_of(a[0]).name() + "' object is not an iterator");
        if (object item = g->next()) return item;
        throw krait::error("StopIteration", "");
    });
    def("type", [](const callable&, arguments a) { return type_as_class(a[0]); });
    def("id", [](const callable&, arguments a) -> object { return krait::id(a[0]); });
    def("hash", [](const callable&, arguments a) -> object { return krait::hash(a[0]); });
    def("isinstance", [](const callable&, arguments a) -> object { return is_instance(a[0], a[1]); });
    def("hasattr",
        [](const callable&, arguments a) -> object { return krait::hasattr(a[0], krait::intern(str(a[1]))); });
    def("getattr", [](const callable&, arguments a) { return krait::getattr(a[0], krait::intern(str(a[1]))); });
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
    for (const char* name : {"TypeError", "ValueError", "KeyError", "IndexError", "NameError", "AttributeError",
                             "OverflowError", "ZeroDivisionError", "RuntimeError", "RecursionError", "StopIteration"})
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
        return krait::make<weak_box>(
            krait::weakref(a[0], [f = a[1]](krait::weakref& w) { call_value(f, {object(krait::make<weak_box>(w))}); }));
    });
    def(time, "process_time",
        [](const callable&, arguments) -> object { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; });
}

} // namespace tiny
