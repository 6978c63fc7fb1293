// tiny's evaluation: it walks the tree, on krait's values.
//
//   scope      the names of a call, a class body, the module: a dict, and the scope around it
//   frame      what a call has besides its scope: its result, the generator that it is
//   thrown     a C++ exception that carries one of tiny's; the values' own errors become one where they are caught
//
//   run(block) -> statement -> evaluate -> call -> run_function -> run(block) ...
#pragma once

#include <ucontext.h>

#include <functional>

#include "syntax.hpp"

namespace tiny {

using krait::arguments;
using krait::callable;
using krait::class_;
using krait::dict;
using krait::instance;
using krait::list;
using krait::None;
using krait::object;
using krait::ref;
using krait::str;
using krait::tuple;

struct scope {
    dict variables;
    ref<scope> outer;
    bool is_class = false;
    std::vector<str> elsewhere{}; // global and nonlocal names
};
struct function_data {
    const node* def;
    ref<scope> around;
    std::vector<object> defaults;
};
struct thrown {
    object value;
};
struct range {
    std::int64_t first, last, step;
};
struct weak_box {
    krait::weakref to;
};

// The T that the object is, or null.
template <class T>
T* as(const object& o) {
    if (!o || krait::detail::record_of(krait::detail::head_of(o.get())) != &krait::detail::record<T>) return nullptr;
    return static_cast<T*>(o.get());
}

enum class flow { on, broke, continued, returned };

class generator_object;
struct frame {
    ref<scope> names;
    object result;
    generator_object* generator = nullptr;
};

inline flow run(const node& block, frame& f);
inline object evaluate(const node& n, frame& f);

// A generator has a stack of its own, where its body is at a yield while nobody asks for more. Dropped half way, the body is
// told by an exception to clean up.
class generator_object {
  public:
    generator_object(const function_data& function, ref<scope> names) : function_(function), names_(std::move(names)) {}
    generator_object(const generator_object&) = delete;
    generator_object& operator=(const generator_object&) = delete;
    ~generator_object() {
        closing_ = true;
        if (started_ && !done_) resume();
    }

    // Unset at the end.
    object next() {
        if (done_) return {};
        resume();
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
        return std::exchange(yielded_, object());
    }
    object yield(object value) {
        yielded_ = std::move(value);
        swapcontext(&inside_, &outside_);
        if (closing_) throw closed{};
        return None;
    }

  private:
    struct closed {};
    static constexpr std::size_t stack_size = 1 << 20;

    void resume() {
        const int depth = krait::detail::recursion_depth;
        if (!started_) {
            started_ = true;
            stack_.reset(new char[stack_size]);
            getcontext(&inside_);
            inside_.uc_stack.ss_sp = stack_.get();
            inside_.uc_stack.ss_size = stack_size;
            inside_.uc_link = &outside_;
            const auto self = reinterpret_cast<std::uintptr_t>(this);
            makecontext(&inside_, reinterpret_cast<void (*)()>(&generator_object::body), 2,
                        static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
        }
        swapcontext(&outside_, &inside_);
        krait::detail::recursion_depth = depth;
    }
    static void body(unsigned high, unsigned low) {
        auto* const self = reinterpret_cast<generator_object*>(std::uintptr_t{high} << 32 | low);
        try {
            frame f{self->names_, {}, self};
            run((*self->function_.def)[0], f);
        } catch (const closed&) {
        } catch (...) {
            self->error_ = std::current_exception();
        }
        self->yielded_.reset();
        self->done_ = true;
    }

    function_data function_;
    ref<scope> names_;
    object yielded_;
    std::exception_ptr error_;
    std::unique_ptr<char[]> stack_;
    ucontext_t inside_{}, outside_{};
    bool started_ = false, done_ = false, closing_ = false;
    KRAIT_FIELDS(function_, names_, yielded_);
};

// ---- names

inline dict& builtins() {
    static dict names;
    return names;
}
inline object find_name(const str& name, const frame& f) {
    for (const scope* s = f.names.get(); s != nullptr; s = s->outer.get())
        if (object found = s->variables.get(name)) return found;
    if (object found = builtins().get(name)) return found;
    throw krait::name_error("name '" + name.utf8() + "' is not defined");
}
inline const dict& home_of(const str& name, const frame& f) {
    const scope* s = f.names.get();
    for (const str& other : s->elsewhere)
        if (other.is(name)) {
            for (s = s->outer.get(); s->outer && !s->variables.contains(name);) s = s->outer.get();
            break;
        }
    return s->variables;
}

// ---- errors

inline class_ exception_class(const std::string& name) {
    if (object found = builtins().get(str(name))) return class_::of(found);
    const class_ made(name, builtins().get(str("Exception")));
    builtins().set(str(name), made);
    return made;
}
inline object as_exception(const krait::error& e) {
    const instance made = exception_class(e.kind())();
    krait::setattr(made, "args", tuple{str(e.what())});
    return made;
}
inline bool is_instance(const object& o, const object& type) {
    return o.kind() == krait::value_kind::instance && instance::of(o).type().is_subclass_of(class_::of(type));
}

// ---- iteration

// f(item) until it returns false.
inline void iterate(const object& over, const std::function<bool(const object&)>& f) {
    using krait::value_kind;
    const auto all = [&](const auto& items) {
        for (const object& item : items)
            if (!f(item)) return;
    };
    switch (over.kind()) {
    case value_kind::list:
        return all(list::of(over));
    case value_kind::tuple:
        return all(tuple::of(over));
    case value_kind::set:
        return all(krait::set::of(over));
    case value_kind::dict:
        for (const auto& [key, value] : dict::of(over))
            if (!f(key)) return;
        return;
    case value_kind::string:
        for (std::size_t i = 0; i < krait::len(over); ++i)
            if (!f(str(over)[static_cast<std::int64_t>(i)])) return;
        return;
    default:
        break;
    }
    if (const range* const r = as<range>(over)) {
        for (std::int64_t i = r->first; r->step > 0 ? i < r->last : i > r->last; i += r->step)
            if (!f(i)) return;
    } else if (generator_object* const g = as<generator_object>(over)) {
        while (object item = g->next())
            if (!f(item)) return;
    } else {
        throw krait::type_error("'" + type_of(over).name() + "' object is not iterable");
    }
}
inline list to_list(const object& over) {
    const list made;
    iterate(over, [&](const object& item) { return made.append(item), true; });
    return made;
}

// ---- calls

inline object run_function(const ref<scope>& names, const function_data& function) {
    if (function.def->yields) return krait::make<generator_object>(function, names);
    frame f{names, {}};
    if (function.def->kind == node_kind::lambda) return evaluate((*function.def)[0], f);
    run((*function.def)[0], f);
    return f.result ? f.result : None;
}
template <class Arguments>
ref<scope> bind(const function_data& function, Arguments&& given) {
    const auto& names = function.def->names;
    const std::size_t least = names.size() - function.defaults.size();
    krait::detail::expect(function.def->name().utf8().c_str(), arguments(given), least, names.size());
    ref<scope> made = krait::make<scope>(dict(), function.around);
    for (std::size_t i = 0; i < names.size(); ++i)
        made->variables.set(names[i], i < given.size() ? given[i] : function.defaults[i - least]);
    return made;
}
inline object call_function(const callable& self, arguments given) {
    const auto& function = *static_cast<const function_data*>(self.closure().get());
    return run_function(bind(function, given), function);
}
inline object make_function(const node& def, const frame& f) {
    ref<scope> around = f.names;
    while (around->is_class) around = around->outer;
    std::vector<object> defaults;
    for (std::size_t i = 1; i < def.kids.size(); ++i) defaults.push_back(evaluate(def[i], const_cast<frame&>(f)));
    return callable(def.name().utf8(), call_function, krait::make<function_data>(&def, around, std::move(defaults)));
}

object call_method(const object& self, const str& name, arguments given); // methods.hpp: of the built-in types

inline object call_value(const object& what, std::vector<object>&& given) {
    if (what.kind() == krait::value_kind::function) {
        if (const auto* const function = as<function_data>(callable::of(what).closure())) {
            const krait::detail::recursion_guard guard("");
            ref<scope> names = bind(*function, given);
            given.clear(); // the names have them now, and only they
            return run_function(names, *function);
        }
    }
    if (const weak_box* const w = as<weak_box>(what)) return w->to();
    return krait::call(what, arguments(given));
}
inline object call(const node& n, frame& f) {
    std::vector<object> given;
    const auto evaluate_arguments = [&] {
        for (std::size_t i = 1; i < n.kids.size(); ++i) given.push_back(evaluate(n[i], f));
    };
    const node& what = n[0];
    if (what.kind != node_kind::attribute) {
        const object function = evaluate(what, f);
        evaluate_arguments();
        return call_value(function, std::move(given));
    }
    const object self = evaluate(what[0], f);
    if (self.kind() == krait::value_kind::instance) { // without making a bound method
        auto* const body = krait::detail::body<krait::detail::instance_body>(self);
        if (body->find(what.name()) == nullptr)
            if (const object method = krait::detail::find_in_class(body->type, what.name())) {
                given.push_back(self);
                evaluate_arguments();
                return call_value(method, std::move(given));
            }
    }
    evaluate_arguments();
    if (self.kind() == krait::value_kind::instance || self.kind() == krait::value_kind::type)
        return call_value(krait::getattr(self, what.name()), std::move(given));
    return call_method(self, what.name(), arguments(given));
}

// ---- expressions

inline object binary(const std::string& op, const object& a, const object& b) {
    switch (op[0]) {
    case '+':
        return krait::add(a, b);
    case '-':
        return krait::subtract(a, b);
    case '%':
        return krait::modulo(a, b);
    case '/':
        return op.size() == 2 ? krait::floordiv(a, b) : krait::divide(a, b);
    default:
        return op.size() == 2 ? krait::power(a, b) : krait::multiply(a, b);
    }
}
inline bool contains(const object& in, const object& what) {
    if (in.kind() == krait::value_kind::dict) return dict::of(in).contains(what);
    if (in.kind() == krait::value_kind::set) return krait::set::of(in).contains(what);
    if (in.kind() == krait::value_kind::string) return str(in).utf8().find(str(what).utf8()) != std::string::npos;
    bool found = false;
    iterate(in, [&](const object& o) { return !(found = o.is(what) || o == what); });
    return found;
}
inline bool compare(const std::string& op, const object& a, const object& b) {
    if (op == "==") return a == b;
    if (op == "!=") return !(a == b);
    if (op == "is") return a.is(b);
    if (op == "is not") return !a.is(b);
    if (op == "in") return contains(b, a);
    if (op == "not in") return !contains(b, a);
    const auto order = krait::compare(a, b, op.c_str());
    return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
}
inline object item(const object& of, const object& at) {
    switch (of.kind()) {
    case krait::value_kind::list:
        return list::of(of)[krait::int_::to_int64(at)];
    case krait::value_kind::tuple:
        return tuple::of(of)[krait::int_::to_int64(at)];
    case krait::value_kind::string:
        return str(of)[krait::int_::to_int64(at)];
    case krait::value_kind::dict:
        return dict::of(of).at(at);
    default:
        throw krait::type_error("'" + type_of(of).name() + "' object is not subscriptable");
    }
}
inline object slice(const object& of, const object& first, const object& last) {
    const auto n = static_cast<std::int64_t>(krait::len(of));
    const std::int64_t begin = first && !krait::is_none(first) ? krait::int_::to_int64(first) : 0;
    const std::int64_t end = last && !krait::is_none(last) ? krait::int_::to_int64(last) : n;
    if (of.kind() == krait::value_kind::string) return str(of).slice(begin, end);
    return list::of(of).slice(begin, end);
}
void assign(const node& target, const object& value, frame& f);

inline object comprehension(const node& n, frame& f) {
    const list made;
    iterate(evaluate(n[2], f), [&](const object& o) {
        assign(n[1], o, f);
        if (n.kids.size() < 4 || krait::truth(evaluate(n[3], f))) made.append(evaluate(n[0], f));
        return true;
    });
    return made;
}
inline object attribute(const object& of, const str& name) {
    if (name == str("__name__") && of.kind() == krait::value_kind::type) return class_::of(of).name();
    return krait::getattr(of, name);
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
        return item(of, evaluate(n[1], f));
    }
    case node_kind::slice: {
        const object of = evaluate(n[0], f), first = evaluate(n[1], f);
        return slice(of, first, evaluate(n[2], f));
    }
    case node_kind::call:
        return call(n, f);
    case node_kind::binary: {
        const object a = evaluate(n[0], f);
        return binary(n.text, a, evaluate(n[1], f));
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

// ---- statements

inline void assign(const node& target, const object& value, frame& f) {
    switch (target.kind) {
    case node_kind::name:
        return home_of(target.name(), f).set(target.name(), value);
    case node_kind::attribute:
        return krait::setattr(evaluate(target[0], f), target.name(), value);
    case node_kind::index: {
        const object of = evaluate(target[0], f), at = evaluate(target[1], f);
        if (of.kind() == krait::value_kind::dict) return dict::of(of).set(at, value);
        return list::of(of).set(krait::int_::to_int64(at), value);
    }
    case node_kind::list:
    case node_kind::tuple: {
        const list items = to_list(value);
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
        const object of = evaluate(target[0], f), at = evaluate(target[1], f);
        if (of.kind() == krait::value_kind::dict) return dict::of(of).erase(at);
        list::of(of).erase(krait::int_::to_int64(at));
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
        assign(n[0], binary(n.text, old, evaluate(n[1], f)), f);
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
    case node_kind::for_: {
        flow way = flow::on;
        iterate(evaluate(n[1], f), [&](const object& o) {
            assign(n[0], o, f);
            way = run(n[2], f);
            return way == flow::on || way == flow::continued;
        });
        return way == flow::returned ? way : flow::on;
    }
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
