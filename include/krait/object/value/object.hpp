// object: a reference to any value. One word.
//
//   value        an object of one of Python's types, made by this folder: what its record calls its value_kind
//   record       a value_record: a type_record (type_record.hpp), and what any value can be asked for
//   unset        an object that refers to nothing: a default-constructed or moved-from one. None is a value
//   singletons   values that exist once, in static memory, immortal: None, True, False, -5..256, '', b'', (), and the
//                256 strings of one Latin-1 character. All others are made by a thread and stay with it
//
// The words in front of a value are those of head.hpp. CPython's are as many, so sizes agree wherever the rest of the
// layout does: the count and the type take 16 bytes in both, the collector's links 16 more for containers.
//   getsizeof(x) == bytes from the start of x's block to its end, as asked for, and of the tables that x alone owns
//
// Identity is the address: a.is(b). Equality is Python's: a == b. What is unset is no value and equals nothing else.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <krait/object/fields.hpp>
#include <krait/object/ref.hpp>
#include <krait/object/type_record.hpp>
#include <krait/object/value/errors.hpp>
#include <krait/object/weak_cell.hpp>

namespace krait {

class object;

enum class value_kind : std::uint8_t {
    other = 0, // a C++ type's object
    none,
    boolean,
    integer,
    floating,
    string,
    bytes,
    tuple,
    list,
    dict,
    set,
    packed,
    cell,
    function,
    type,
    instance,
    frozenset,
    range,    // builtins.hpp has these three
    view,     // of a dict's keys, values, items
    iterator, // of any of Python's types of iterators
    not_implemented,
};

namespace detail {

// As retain(), where immortal objects are common: those that exist once.
[[gnu::always_inline]] inline void retain_value(const void* value) noexcept {
    object_head* const head = head_of(value);
    check_owner(head);
    const std::uint32_t more = head->count + 1;
    if (!is_immortal(more))
        head->count = more;
    else if (!is_immortal(head)) [[unlikely]]
        saturate(head);
}

using hash_type = std::int64_t;

// Is told of the tables that a value alone owns.
struct table_visitor {
    // In size_of: whether the value's size_of() counts it.
    virtual void table(const void* block, std::size_t size, bool in_size_of) = 0;

  protected:
    ~table_visitor() = default;
};

// What a dict's keys and items have beside a set, or beside anything that can be walked: a - b, and the orders.
struct set_operators {
    object (*difference)(const object& a, const object& b);
    std::partial_ordering (*order)(const object& a, const object& b);
};

struct value_record : type_record {
    // Null: by identity.
    hash_type (*hash)(const object&);
    bool (*equal)(const object&, const object&);
    void (*repr)(const object&, std::string& out);
    std::size_t (*size_of)(const void* object) noexcept; // without links

    // Null where there is nothing to tell, or to count.
    std::size_t (*length)(const void* object);
    void (*tables)(const void* object, table_visitor& visitor);
    void (*visit_names)(const void* object, edge_visitor& visitor); // keys that visit leaves out: they lead nowhere
    const set_operators* as_set;
};

object integer_of(std::int64_t value);
object integer_of(std::uint64_t value);
object floating_of(double value);
object boolean_of(bool value) noexcept;
object string_of(std::string_view utf8);

} // namespace detail

class object {
  public:
    constexpr object() noexcept = default;
    [[gnu::always_inline]] object(const object& other) noexcept : ref_(copy_of(other)) {}
    object(object&& other) noexcept = default;
    object& operator=(const object& other) noexcept {
        object(other).swap(*this);
        return *this;
    }
    object& operator=(object&& other) noexcept = default;
    ~object() = default;
    template <class T>
    object(const ref<T>& reference) noexcept : ref_(reference) {}
    template <class T>
    object(ref<T>&& reference) noexcept : ref_(std::move(reference)) {}
    template <std::same_as<bool> B>
    object(B value) noexcept : object(detail::boolean_of(value)) {}
    template <std::signed_integral I>
    object(I value) : object(detail::integer_of(static_cast<std::int64_t>(value))) {}
    template <std::unsigned_integral I>
    requires(!std::same_as<I, bool>) object(I value) : object(detail::integer_of(static_cast<std::uint64_t>(value))) {}
    template <std::floating_point F>
    object(F value) : object(detail::floating_of(static_cast<double>(value))) {}
    object(const char* utf8) : object(detail::string_of(utf8)) {}
    object(std::string_view utf8) : object(detail::string_of(utf8)) {}
    object(const std::string& utf8) : object(detail::string_of(utf8)) {}

    // Whether it refers to anything.
    explicit operator bool() const noexcept { return static_cast<bool>(ref_); }
    bool is(const object& other) const noexcept { return ref_.get() == other.ref_.get(); }
    void* get() const noexcept { return ref_.get(); }
    const ref<void>& reference() const noexcept { return ref_; }
    void reset() noexcept { ref_.reset(); }
    void swap(object& other) noexcept { ref_.swap(other.ref_); }
    friend void swap(object& a, object& b) noexcept { a.swap(b); }

    // How many references there are to the object, this one included.
    std::size_t use_count() const noexcept { return ref_.use_count(); }

    [[gnu::always_inline]] value_kind kind() const noexcept {
        return ref_ ? static_cast<value_kind>(detail::record_of(detail::head_of(ref_.get()))->value)
                    : value_kind::other;
    }

  private:
    [[gnu::always_inline]] static ref<void> copy_of(const object& other) noexcept {
        if (other.get() != nullptr) detail::retain_value(other.get());
        return detail::ref_access::adopt(other.get());
    }
    ref<void> ref_;
    KRAIT_NAMED_FIELDS("", ref_);
};
static_assert(sizeof(object) == sizeof(void*));

namespace detail {

inline object adopt(void* made) noexcept { return object(ref_access::adopt(made)); }
inline object share(const void* value) noexcept { return object(ref_access::copy(const_cast<void*>(value))); }

// One of those that exist once: its references are not counted.
inline object single(const void* value) noexcept { return adopt(const_cast<void*>(value)); }

template <class V>
V* body(const object& o) noexcept {
    return static_cast<V*>(o.get());
}

// Null for an object of a C++ type, and for an unset one.
inline const value_record* value_record_of(const object& o) noexcept {
    if (!o) return nullptr;
    const type_record* const record = record_of(head_of(o.get()));
    return record->value != 0 ? static_cast<const value_record*>(record) : nullptr;
}

inline bool is_tracked(const object& o) noexcept { return o && is_tracked(head_of(o.get())); }
// May be part of a cycle some day: CPython's _PyObject_GC_MAY_BE_TRACKED, which looks only at what tuples are now.
[[gnu::always_inline]] inline bool may_be_tracked(const object& o) noexcept {
    if (!o) return false;
    const object_head* const head = head_of(o.get());
    const type_record* const record = record_of(head);
    if (!record->cyclic) return false;
    return static_cast<value_kind>(record->value) != value_kind::tuple || is_tracked(head);
}

std::string type_name_of(const object& o);

// One of the values in braces from which a list or a tuple is made: it goes there, where an object in an
// initializer_list could only be copied.
struct displayed {
    mutable object value;
    template <std::convertible_to<object> T>
    displayed(T&& from) : value(std::forward<T>(from)) {}
};

} // namespace detail

// The type of a value, as Python names it; of a C++ object, as the compiler does.
class type_info {
  public:
    explicit type_info(std::string name) : name_(std::move(name)) {}
    const std::string& name() const noexcept { return name_; }
    friend bool operator==(const type_info&, const type_info&) = default;

  private:
    std::string name_;
};
inline type_info type_of(const object& o) { return type_info(detail::type_name_of(o)); }

// The address: unique among the objects that are alive.
inline std::uintptr_t id(const object& o) noexcept { return reinterpret_cast<std::uintptr_t>(o.get()); }

// CPython's sys.getrefcount: one more than the caller has, for the parameter is a reference, too. A singleton's is
// large and never changes.
inline std::size_t getrefcount(object o) noexcept { return o.use_count(); } // NOLINT: by value is the point

} // namespace krait
