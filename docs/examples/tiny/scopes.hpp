// tiny's names, generators and errors.
//
//   scope      the names of a call, a class body, the module: a dict, and the scope around it
//   frame      what a call has besides its scope: its result, the generator that it is
//   thrown     a C++ exception that carries one of tiny's; the values' own errors become one where they are caught
#pragma once

#include <ucontext.h>

#include <krait/object/builtins.hpp>

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
    krait::signature parameters;
};
struct thrown {
    object value;
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
        if (running_) throw krait::value_error("generator already executing");
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
        running_ = true;
        swapcontext(&outside_, &inside_);
        running_ = false;
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
    bool started_ = false, running_ = false, done_ = false, closing_ = false;
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
// Of a class of the program's; or of a built-in type, which is a function here.
inline bool is_instance(const object& o, const object& type) {
    if (type.kind() == krait::value_kind::function) {
        const std::string wanted = callable::of(type).name().utf8(), have = type_of(o).name();
        return have == wanted || (have == "bool" && wanted == "int");
    }
    return o.kind() == krait::value_kind::instance && instance::of(o).type().is_subclass_of(class_::of(type));
}

} // namespace tiny
