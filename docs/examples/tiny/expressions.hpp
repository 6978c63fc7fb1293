// tiny's expressions: calls, operators, displays, comprehensions. They walk the tree, on krait's values.
//
//   evaluate -> call -> call_value -> run_function -> run(block) (interpreter.hpp) -> evaluate ...
#pragma once

#include "scopes.hpp"

namespace tiny {

// A generator for all that iterates: its steps are the body's.
inline object step_generator(const callable&, arguments given) {
    return static_cast<generator_object*>(given[0].get())->next();
}
inline object generator(const ref<generator_object>& of) {
    static const callable step("generator", step_generator);
    return krait::iterator_of(step, of);
}
// What has the methods that are asked of the type itself.
inline object default_of(const str& type) {
    const std::string name = type.utf8();
    if (name == "str") return str();
    if (name == "bytes") return krait::bytes();
    if (name == "int") return 0;
    if (name == "float") return 0.0;
    if (name == "dict") return dict();
    throw krait::attribute_error("type object '" + name + "' has no such method");
}

// ---- calls

inline object run_function(const ref<scope>& names, const function_data& function) {
    if (function.def->yields) return generator(krait::make<generator_object>(function, names));
    frame f{names, {}};
    if (function.def->kind == node_kind::lambda) return evaluate((*function.def)[0], f);
    run((*function.def)[0], f);
    return f.result ? f.result : None;
}
inline ref<scope> bind_names(const function_data& function, const arguments& given) {
    std::vector<object> values = function.parameters.sorted(function.def->name(), given);
    ref<scope> made = krait::make<scope>(dict(), function.around);
    for (std::size_t i = 0; i < values.size(); ++i) made->variables.set(function.def->names[i], values[i]);
    return made;
}
inline object call_function(const callable& self, arguments given) {
    const auto& function = *static_cast<const function_data*>(self.closure().get());
    return run_function(bind_names(function, given), function);
}
inline object make_function(const node& def, const frame& f) {
    ref<scope> around = f.names;
    while (around->is_class) around = around->outer;
    std::vector<object> defaults;
    for (std::size_t i = 1; i < def.kids.size(); ++i) defaults.push_back(evaluate(def[i], const_cast<frame&>(f)));
    const bool rest = def.text.find('r') != def.text.npos, more = def.text.find('m') != def.text.npos;
    std::vector<str> names(def.names.begin(), def.names.end() - rest - more);
    return callable::with_names(
        def.name().utf8(), call_function,
        krait::make<function_data>(&def, around, krait::signature(std::move(names), std::move(defaults), rest, more)));
}

// The values of a call, held until the callee has them.
struct call_values {
    std::vector<object> by_position;
    std::vector<krait::named> by_name;
    operator arguments() const { return {by_position, by_name}; }

    void evaluate(const node& n, frame& f) {
        for (std::size_t i = 1; i < n.kids.size(); ++i) {
            const node& kid = n[i];
            if (kid.kind == node_kind::named) {
                by_name.emplace_back(kid.names[0], tiny::evaluate(kid[0], f));
            } else if (kid.kind != node_kind::starred) {
                by_position.push_back(tiny::evaluate(kid, f));
            } else if (const object values = tiny::evaluate(kid[0], f); kid.text == "*") {
                for (const object& value : krait::each(values)) by_position.push_back(value);
            } else {
                for (const auto& [key, value] : dict::of(values)) by_name.emplace_back(str(key), value);
            }
        }
    }
};
inline object call_value(const object& what, call_values&& given) {
    if (what.kind() == krait::value_kind::function) {
        if (const auto* const function = as<function_data>(callable::of(what).closure())) {
            const krait::detail::recursion_guard guard("");
            ref<scope> names = bind_names(*function, given);
            given = {}; // the names have them now, and only they
            return run_function(names, *function);
        }
    }
    if (const weak_box* const w = as<weak_box>(what)) return w->to();
    return krait::call(what, arguments(given));
}
inline object call(const node& n, frame& f) {
    call_values given;
    const node& what = n[0];
    if (what.kind != node_kind::attribute) {
        const object function = evaluate(what, f);
        given.evaluate(n, f);
        return call_value(function, std::move(given));
    }
    const object self = evaluate(what[0], f);
    if (self.kind() == krait::value_kind::instance) { // without making a bound method
        auto* const body = krait::detail::body<krait::detail::instance_body>(self);
        if (body->find(what.name()) == nullptr)
            if (const object method = krait::detail::find_in_class(body->type, what.name())) {
                given.by_position.push_back(self);
                given.evaluate(n, f);
                return call_value(method, std::move(given));
            }
    }
    given.evaluate(n, f);
    if (self.kind() == krait::value_kind::instance || self.kind() == krait::value_kind::type)
        return call_value(krait::getattr(self, what.name()), std::move(given));
    if (self.kind() == krait::value_kind::function) // int.from_bytes and the like
        return krait::call_method(default_of(callable::of(self).name()), what.name(), given);
    return krait::call_method(self, what.name(), given);
}

// ---- expressions

inline bool compare(const std::string& op, const object& a, const object& b) {
    if (op == "==") return a == b;
    if (op == "!=") return a != b;
    if (op == "is") return a.is(b);
    if (op == "is not") return !a.is(b);
    if (op == "in") return krait::contains(b, a);
    if (op == "not in") return !krait::contains(b, a);
    const auto order = krait::compare(a, b, op.c_str());
    return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
}
inline krait::slice bounds(const node& n, frame& f) {
    krait::slice made;
    made.first = evaluate(n[1], f);
    made.last = evaluate(n[2], f);
    made.step = evaluate(n[3], f);
    return made;
}
void assign(const node& target, const object& value, frame& f);

inline object comprehension(const node& n, frame& f) {
    const list items;
    const krait::set keys;
    const dict pairs;
    for (const object& o : krait::each(evaluate(n[2], f))) {
        assign(n[1], o, f);
        if (!krait::truth(evaluate(n[3], f))) continue;
        const object item = evaluate(n[0], f);
        if (n.text == "list") items.append(item);
        if (n.text == "set") keys.add(item);
        if (n.text == "dict") pairs.set(item, evaluate(n[4], f));
    }
    return n.text == "list" ? object(items) : n.text == "set" ? object(keys) : object(pairs);
}
// A field's text has !r, :format, or both.
inline object formatted(const node& n, frame& f) {
    std::string out;
    for (std::size_t i = 0; i < n.kids.size(); ++i) {
        if (n[i].kind == node_kind::constant) {
            out += str(n[i].value).utf8();
            continue;
        }
        object value = evaluate(n[i][0], f);
        std::string_view rest = n[i].text;
        if (rest.starts_with("!")) {
            value = str(krait::detail::converted(value, rest[1]));
            rest.remove_prefix(2);
        }
        out += krait::format(value, rest.starts_with(":") ? rest.substr(1) : rest);
    }
    return str(out);
}
inline object attribute(const object& of, const str& name) {
    if (name == str("__name__") && of.kind() == krait::value_kind::type) return class_::of(of).name();
    return krait::find_method(of, name);
}

inline object evaluate(const node& n, frame& f) {
    const auto items = [&] {
        std::vector<object> all;
        for (const tree& kid : n.kids) all.push_back(evaluate(*kid, f));
        return all;
    };
    switch (n.kind) {
    case node_kind::constant:
        return n.value;
    case node_kind::name:
        return find_name(n.name(), f);
    case node_kind::attribute:
        return attribute(evaluate(n[0], f), n.name());
    case node_kind::index: {
        const object of = evaluate(n[0], f);
        return krait::getitem(of, evaluate(n[1], f));
    }
    case node_kind::slice: {
        const object of = evaluate(n[0], f);
        return krait::getitem(of, bounds(n, f));
    }
    case node_kind::call:
        return call(n, f);
    case node_kind::binary: {
        const object a = evaluate(n[0], f);
        return krait::operate(n.text, a, evaluate(n[1], f));
    }
    case node_kind::compare: {
        object left = evaluate(n[0], f);
        for (std::size_t i = 0; i < n.operators.size(); ++i) {
            object right = evaluate(n[i + 1], f);
            if (!compare(n.operators[i], left, right)) return false;
            left.swap(right);
        }
        return true;
    }
    case node_kind::logical_and: {
        object left = evaluate(n[0], f);
        return krait::truth(left) ? evaluate(n[1], f) : left;
    }
    case node_kind::logical_or: {
        object left = evaluate(n[0], f);
        return krait::truth(left) ? left : evaluate(n[1], f);
    }
    case node_kind::logical_not:
        return !krait::truth(evaluate(n[0], f));
    case node_kind::negate:
        return krait::negate(evaluate(n[0], f));
    case node_kind::invert:
        return krait::invert(evaluate(n[0], f));
    case node_kind::formatted:
        return formatted(n, f);
    case node_kind::ternary:
        return evaluate(krait::truth(evaluate(n[0], f)) ? n[1] : n[2], f);
    case node_kind::lambda:
        return make_function(n, f);
    case node_kind::list: {
        const auto all = items();
        return list(all.data(), all.size());
    }
    case node_kind::tuple: {
        const auto all = items();
        return tuple(all.data(), all.size());
    }
    case node_kind::set: {
        const krait::set made;
        for (const object& o : items()) made.add(o);
        return made;
    }
    case node_kind::dict: {
        const dict made;
        for (std::size_t i = 0; i < n.kids.size(); i += 2) {
            const object key = evaluate(n[i], f);
            made.set(key, evaluate(n[i + 1], f));
        }
        return made;
    }
    case node_kind::comprehension:
        return comprehension(n, f);
    case node_kind::yield:
        return f.generator->yield(n.kids.empty() ? None : evaluate(n[0], f));
    default:
        fail_syntax(n.line, "not an expression");
    }
}

} // namespace tiny
