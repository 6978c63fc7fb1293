// tiny's statements: it walks the tree.
//
//   run(block) -> statement -> evaluate (expressions.hpp) ... -> run_function -> run(block)
#pragma once

#include "expressions.hpp"

namespace tiny {

inline void assign(const node& target, const object& value, frame& f) {
    switch (target.kind) {
    case node_kind::name:
        return home_of(target.name(), f).set(target.name(), value);
    case node_kind::attribute:
        return krait::setattr(evaluate(target[0], f), target.name(), value);
    case node_kind::index: {
        const object of = evaluate(target[0], f);
        return krait::setitem(of, evaluate(target[1], f), value);
    }
    case node_kind::slice: {
        const object of = evaluate(target[0], f);
        return krait::setitem(of, bounds(target, f), value);
    }
    case node_kind::list:
    case node_kind::tuple: {
        const list items = krait::list_of(value);
        if (items.size() < target.kids.size())
            throw krait::value_error("not enough values to unpack (expected " + std::to_string(target.kids.size()) +
                                     ", got " + std::to_string(items.size()) + ")");
        if (items.size() > target.kids.size())
            throw krait::value_error("too many values to unpack (expected " + std::to_string(target.kids.size()) + ")");
        for (std::size_t i = 0; i < target.kids.size(); ++i) assign(target[i], items[static_cast<std::int64_t>(i)], f);
        return;
    }
    default:
        fail_syntax(target.line, "cannot assign to this");
    }
}
inline void remove(const node& target, frame& f) {
    if (target.kind == node_kind::tuple) {
        for (const tree& kid : target.kids) remove(*kid, f);
    } else if (target.kind == node_kind::name) {
        const object gone = home_of(target.name(), f).pop(target.name(), object());
        if (!gone) throw krait::name_error("name '" + target.name().utf8() + "' is not defined");
    } else if (target.kind == node_kind::attribute) {
        krait::delattr(evaluate(target[0], f), target.name());
    } else {
        const object of = evaluate(target[0], f);
        target.kind == node_kind::slice ? krait::delitem(of, bounds(target, f))
                                        : krait::delitem(of, evaluate(target[1], f));
    }
}
inline object make_class(const node& n, frame& f) {
    const object base = n[1].kind == node_kind::pass ? object() : evaluate(n[1], f);
    const class_ made(n.name().utf8(), base);
    frame body{krait::make<scope>(dict(), f.names, true), {}};
    run(n[0], body);
    for (const auto& [name, value] : body.names->variables) made.set(str(name), value);
    return made;
}
inline flow try_block(const node& n, frame& f) {
    const bool last = n.text == "finally";
    const std::size_t handlers_end = n.kids.size() - last;
    std::exception_ptr pending;
    flow way = flow::on;
    object error;
    try {
        way = run(n[0], f);
    } catch (const thrown& t) {
        error = t.value;
        pending = std::current_exception();
    } catch (const krait::error& e) {
        error = as_exception(e);
        pending = std::current_exception();
    } catch (const std::bad_alloc&) {
        error = as_exception(krait::memory_error());
        pending = std::current_exception();
    } catch (...) {
        pending = std::current_exception();
    }
    for (std::size_t i = 1; error && i < handlers_end; ++i) { // outside of the catch: the handler may yield
        const node& handler = n[i];
        bool fits = handler[1].kind == node_kind::pass;
        if (!fits) {
            const object types = evaluate(handler[1], f);
            if (types.kind() == krait::value_kind::tuple)
                for (const object& type : tuple::of(types)) fits |= is_instance(error, type);
            else
                fits = is_instance(error, types);
        }
        if (!fits) continue;
        pending = nullptr;
        if (!handler.names.empty()) f.names->variables.set(handler.names[0], error);
        try {
            way = run(handler[0], f);
        } catch (...) {
            pending = std::current_exception();
        }
        if (!handler.names.empty()) f.names->variables.pop(handler.names[0], None);
        break;
    }
    error.reset();
    if (last)
        if (const flow end = run(n[handlers_end], f); end != flow::on) return end;
    if (pending) std::rethrow_exception(pending);
    return way;
}
inline flow statement(const node& n, frame& f) {
    switch (n.kind) {
    case node_kind::expression:
        evaluate(n[0], f);
        return flow::on;
    case node_kind::assign: {
        const object value = evaluate(*n.kids.back(), f);
        for (std::size_t i = 0; i + 1 < n.kids.size(); ++i) assign(n[i], value, f);
        return flow::on;
    }
    case node_kind::augmented: {
        const object old = evaluate(n[0], f);
        assign(n[0], krait::operate_in_place(n.text, old, evaluate(n[1], f)), f);
        return flow::on;
    }
    case node_kind::if_:
        if (krait::truth(evaluate(n[0], f))) return run(n[1], f);
        if (n.kids.size() < 3) return flow::on;
        return n[2].kind == node_kind::if_ ? statement(n[2], f) : run(n[2], f);
    case node_kind::while_:
        while (krait::truth(evaluate(n[0], f))) {
            const flow way = run(n[1], f);
            if (way == flow::broke) break;
            if (way == flow::returned) return way;
        }
        return flow::on;
    case node_kind::for_:
        for (const object& o : krait::each(evaluate(n[1], f))) {
            assign(n[0], o, f);
            const flow way = run(n[2], f);
            if (way == flow::broke) break;
            if (way == flow::returned) return way;
        }
        return flow::on;
    case node_kind::def:
        home_of(n.name(), f).set(n.name(), make_function(n, f));
        return flow::on;
    case node_kind::class_:
        home_of(n.name(), f).set(n.name(), make_class(n, f));
        return flow::on;
    case node_kind::return_:
        f.result = n.kids.empty() ? None : evaluate(n[0], f);
        return flow::returned;
    case node_kind::break_:
        return flow::broke;
    case node_kind::continue_:
        return flow::continued;
    case node_kind::del:
        remove(n[0], f);
        return flow::on;
    case node_kind::outer:
        for (const str& name : n.names) f.names->elsewhere.push_back(name);
        return flow::on;
    case node_kind::raise: {
        object value = evaluate(n[0], f);
        if (value.kind() == krait::value_kind::type) value = class_::of(value)();
        throw thrown{value};
    }
    case node_kind::try_:
        return try_block(n, f);
    case node_kind::import:
        for (const str& name : n.names) home_of(name, f).set(name, builtins().at(krait::intern(str("module ") + name)));
        return flow::on;
    default:
        return flow::on;
    }
}
inline flow run(const node& block, frame& f) {
    for (const tree& kid : block.kids)
        if (const flow way = statement(*kid, f); way != flow::on) return way;
    return flow::on;
}

} // namespace tiny
