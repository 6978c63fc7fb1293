// callable: a function value, a C++ function with what it keeps; cell: a variable that closures share.
//
//   function: |links|head| code 8 | takes names 8 | name 8 | closure 8 |      cell: |links|head| contents 8 |: 40 bytes
// (krait::function is a std::function whose captures are seen; this is Python's function.)
#pragma once

#include <span>

#include <krait/object/value/dict.hpp>

namespace krait {

class callable;

// A value that a call gives by name: call(f, {1}, {{"base", 16}}).
struct named {
    named(const str& n, object v) : name(n), value(std::move(v)) {}
    str name;
    object value;
};

// What a call gives: values by position, and values by name.
class arguments : public std::span<const object> {
  public:
    using std::span<const object>::span;
    arguments(std::span<const object> by_position, std::span<const named> by_name = {}) noexcept
        : std::span<const object>(by_position), by_name_(by_name) {}
    std::span<const named> by_name() const noexcept { return by_name_; }

  private:
    std::span<const named> by_name_;
};

// self is the function value that is called: its closure() is where it keeps things.
using native = object (*)(const callable& self, arguments given);

namespace detail {

[[noreturn, gnu::cold]] void fail_call(const object& o);
[[noreturn, gnu::cold]] void fail_names(const callable& f);

struct cell_body {
    object contents;
    template <class F>
    void each(F&& f) {
        f(contents);
    }
    void clear() noexcept { contents.reset(); }
};
struct function_body {
    native code;
    bool takes_names;
    object name;
    object closure;
    template <class F>
    void each(F&& f) {
        f(name);
        f(closure);
    }
    void clear() noexcept { closure.reset(); }
};
template <class B>
object_head* destroy_plainly(object_head* head) noexcept {
    static_cast<B*>(object_of(head))->~B();
    free_container_block(block_of_container(head));
    return nullptr;
}
template <class B>
std::size_t size_plainly(const void*) noexcept {
    return sizeof(object_head) + sizeof(B);
}
template <class B>
constexpr value_record
plain_record(value_kind kind, std::string_view name, object_head* (*destroy)(object_head*) noexcept,
             void (*repr)(const object&, std::string&), void (*label)(const void*, std::size_t, std::string&)) {
    value_record record = container_record<B>(kind, name, destroy, {nullptr, nullptr, repr, size_plainly<B>});
    record.label = label;
    return record;
}
extern const value_record cell_record;
extern const value_record function_record;

template <class B, class... A>
object new_plain(const value_record& record, A&&... a) {
    auto* const b = begin_container<B>(new_container_block(container_offset + sizeof(B)), record);
    ::new (b) B{std::forward<A>(a)...};
    track(b);
    return adopt(b);
}

} // namespace detail

class cell : public object {
  public:
    explicit cell(object contents = {})
        : object(detail::new_plain<detail::cell_body>(detail::cell_record, std::move(contents))) {}
    static cell of(const object& o) {
        if (o.kind() != value_kind::cell) detail::fail_kind("cell", o);
        return cell(o, 0);
    }
    // Throws value_error if it is empty.
    object contents() const;
    void set(object contents) const { detail::body<detail::cell_body>(*this)->contents.swap(contents); }

  private:
    cell(const object& o, int) : object(o) {}
};

class callable : public object {
  public:
    callable(std::string_view name, native code, object closure = tuple());
    // Of code that looks at what is given by name; others' callers get a type_error. signature.hpp has one that sorts
    // values by names of parameters.
    static callable with_names(std::string_view name, native code, object closure = tuple());
    // Throws type_error.
    static callable of(const object& o) {
        if (o.kind() != value_kind::function) detail::fail_call(o);
        return callable(o, 0);
    }

    object operator()(arguments given) const {
        const detail::recursion_guard guard("");
        const auto* const f = detail::body<detail::function_body>(*this);
        if (!given.by_name().empty() && !f->takes_names) detail::fail_names(*this);
        return f->code(*this, given);
    }
    template <class... A>
    requires(std::convertible_to<A, object>&&...) object operator()(A&&... a) const {
        const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
        return (*this)(arguments(given));
    }
    str name() const;
    // What it was made with: usually a tuple of cells.
    const object& closure() const noexcept { return detail::body<detail::function_body>(*this)->closure; }

  private:
    callable(const object& o, int) : object(o) {}
};

namespace detail {
// TypeError, in Python's words, unless there are so many.
void expect(const char* name, arguments given, std::size_t least, std::size_t most);
} // namespace detail

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/function.hpp>
#endif
