// class_: a type made at run time; instance: an object of one, with attributes by name.
//
//   instance: |links|head| class 8 | values 8 | dict 8 |: 56 bytes, CPython's 3.11 with another order of its words
//   values    the attributes, by the entries of keys that all instances of the class share; null before the first
//   dict      the attributes, once somebody has asked for instance.dict() or there were more than 30: values is null
//   At most one of values and dict is not null.
//
// A class whose objects have fixed fields is a C++ struct of objects: krait::make<point>(1, 2) has 32 bytes and 8 for
// each field, as an instance of a class with __slots__ has.
//
// Special methods, looked up in the class: __init__, __del__ (once, with the object whole; it may bring it back),
// __call__, __eq__, __ne__, __hash__, __repr__, __str__, __len__, __bool__, __index__, and the operators' (ops.hpp).
// Who answers NotImplemented leaves the question to the other operand.
#pragma once

#include <krait/object/value/function.hpp>

namespace krait {

class class_;

namespace detail {

struct type_body {
    str name;
    object base; // a class or unset
    object attributes;
    dict_keys* shared;
    bool has_finalizer; // of its own
    bool has_special;   // of its own, any other method between underscores but __init__

    template <class F>
    void each(F&& f) {
        f(base);
        f(attributes);
    }
    void clear() noexcept {
        base.reset();
        attributes.reset();
    }
};

struct instance_body {
    object type;
    split_values* values;
    object dict;

    // Null once the collector has taken the instance apart.
    type_body* of() const noexcept { return body<type_body>(type); }

    template <class F>
    void each(F&& f) {
        f(type);
        f(dict);
        if (values != nullptr)
            for (std::size_t i = 0; i < values->room; ++i) f(values->items()[i]);
    }
    void clear() noexcept {
        split_values* const gone = std::exchange(values, nullptr);
        dict.reset();
        if (gone != nullptr) gone->drop();
        type.reset();
    }

    // What find() finds where most look: a name that is the same object as the class's, in its first place. Null if it
    // is elsewhere, or nowhere.
    object* find_first(const object& name) noexcept {
        if (values == nullptr) return nullptr;
        constexpr std::size_t size = std::size_t{1} << shared_log2;
        const char* const indices = of()->shared->indices();
        const auto i =
            static_cast<std::uint8_t>(indices[static_cast<std::size_t>(body<const str_body>(name)->hash) % size]);
        if (i >= values->room) return nullptr; // those below 0 are large here
        const auto* const entries = static_cast<const str_entry*>(static_cast<const void*>(indices + size));
        if (!entries[i].key.is(name)) return nullptr;
        object* const place = values->items() + i;
        return *place ? place : nullptr;
    }
    object* find(const object& name) noexcept {
        const hash_type hash = hash_of_str(body<str_body>(name));
        if (dict) {
            auto* const d = body<dict_body>(dict);
            const std::int64_t i = d->find(name, hash);
            return i == no_entry ? nullptr : d->value(i);
        }
        if (values == nullptr) return nullptr;
        const std::int64_t i = find_str(of()->shared, name.get(), hash);
        if (i == no_entry) return nullptr;
        object* const place = values->at(i);
        return place != nullptr && *place ? place : nullptr;
    }
    void set(const object& name, const object& item) {
        const hash_type hash = hash_of_str(body<str_body>(name));
        if (!item) fail_unset();
        if (!dict && type) {
            dict_keys* const keys = of()->shared;
            std::int64_t i = find_str(keys, name.get(), hash);
            if (i == no_entry && keys->usable > 0) {
                i = keys->entries++;
                --keys->usable;
                ::new (keys->strings() + i) str_entry{name, object()};
                keys->set_index(free_slot(keys, hash), i);
            }
            if (i != no_entry) {
                if (values == nullptr || i >= values->room)
                    values = split_values::with_room(values, std::max(keys->entries, i + 1));
                object& place = values->items()[i];
                if (!place) values->order()[values->used++] = static_cast<std::uint8_t>(i);
                object old = item;
                place.swap(old);
                return;
            }
        }
        body<dict_body>(own_dict())->set(name, hash, item);
    }
    bool erase(const object& name) {
        const hash_type hash = hash_of_str(body<str_body>(name));
        if (dict) {
            auto* const d = body<dict_body>(dict);
            const std::int64_t i = d->find(name, hash);
            if (i == no_entry) return false;
            const object gone = d->erase(i, hash);
            return true;
        }
        object* const place = find(name);
        if (place == nullptr) return false;
        values->forget(place - values->items());
        object gone;
        gone.swap(*place);
        return true;
    }
    // The attributes as a dict, which has them from now on.
    const object& own_dict() {
        if (dict) return dict;
        object made = new_dict();
        if (dict) return dict; // a finalizer that the new one set off has asked, too
        if (values != nullptr) {
            auto* const d = body<dict_body>(made);
            d->keys = of()->shared;
            ++d->keys->references;
            d->used = values->used;
            d->values = std::exchange(values, nullptr);
            bool atoms = true;
            d->each([&](const object& o) { atoms = atoms && !may_be_tracked(o); });
            if (!atoms) track(d);
        }
        dict.swap(made);
        return dict;
    }
};

object find_in_class(const object& type, const object& name);

// Whether the class or a base of it has one: a base may get it later than the class is made.
inline bool has_in_bases(const object& type, bool type_body::*one) noexcept {
    for (const object* t = &type; *t; t = &body<type_body>(*t)->base)
        if (body<type_body>(*t)->*one) return true;
    return false;
}

inline object_head* destroy_type(object_head* head) noexcept {
    auto* const t = static_cast<type_body*>(object_of(head));
    dict_keys* const shared = t->shared;
    t->~type_body();
    drop_keys(shared);
    free_container_block(block_of_container(head));
    return nullptr;
}
inline constexpr type_record instance_blocks = parking_record("instance", container_offset + sizeof(instance_body), 80);
inline constinit thread_local parking parked_instances{};
inline object_head* destroy_instance(object_head* head) noexcept {
    auto* const i = static_cast<instance_body*>(object_of(head));
    i->clear();
    void* const block = block_of_container(head);
    if (!parked_instances.put(block)) free_container_block(block);
    return nullptr;
}

struct special_names {
    str init = fixed("__init__"), del = fixed("__del__"), call = fixed("__call__"), eq = fixed("__eq__"),
        ne = fixed("__ne__"), index = fixed("__index__"), hash = fixed("__hash__"), repr = fixed("__repr__"),
        str_ = fixed("__str__"), len = fixed("__len__"), bool_ = fixed("__bool__"), dict = fixed("__dict__"),
        class_ = fixed("__class__");
    static str fixed(const char* name) { return intern(str(name)); }
    // A thread's own, as all strings are.
    static const special_names& get() {
        const special_names* const names = of_thread;
        return names != nullptr ? *names : make();
    }

  private:
    static inline constinit thread_local const special_names* of_thread = nullptr;
    // They outlive the last collection, whose finalizers are looked up. Those of a thread that asks when its heap is
    // closed, in the destructor of a static, stay.
    [[gnu::noinline]] static const special_names& make() {
        const heap& h = started_heap();
        of_thread = new special_names;
        if (h.extras != nullptr)
            h.extras->at_end.push_back([]() noexcept { delete std::exchange(of_thread, nullptr); });
        return *of_thread;
    }
};

inline object special_method(const object& o, const str special_names::*name) {
    const object& type = body<instance_body>(o)->type;
    return has_in_bases(type, &type_body::has_special) ? find_in_class(type, special_names::get().*name) : object();
}
template <class... A>
object call_special(const object& method, const A&... a) {
    return callable::of(method)(object(a)...);
}
bool truth_of(const object& o);

// Of an int beyond 60 bits: itself if it fits a word, as CPython takes it.
inline hash_type long_hash_said(const object& said) {
    try {
        return int_::to_int64(said);
    } catch (const overflow_error&) {
        return hash_int(said);
    }
}
inline hash_type hash_instance(const object& o) {
    if (const object method = special_method(o, &special_names::hash)) {
        const object said = call_special(method, o);
        if (!is_int(said)) throw type_error("__hash__ method should return an integer");
        const auto* const number = body<const int_body>(said);
        return number->is_short() ? no_minus_one(static_cast<std::uint64_t>(number->word())) : long_hash_said(said);
    }
    if (special_method(o, &special_names::eq)) fail_unhashable(o);
    return hash_of_address(o.get());
}
inline bool is_of_subclass(const object& b, const object& a) {
    if (a.kind() != value_kind::instance || b.kind() != value_kind::instance) return false;
    const object &of_a = body<instance_body>(a)->type, &of_b = body<instance_body>(b)->type;
    if (!of_b || of_b.is(of_a)) return false;
    const object* t = &of_b;
    while (*t && !t->is(of_a)) t = &body<type_body>(*t)->base;
    return static_cast<bool>(*t);
}
// What a, if it is an instance whose class has the method, answers about b; unset if nothing.
inline object answer_about(const object& a, const object& b, const str special_names::*name) {
    const object method = a.kind() == value_kind::instance ? special_method(a, name) : object();
    if (!method) return {};
    object said = call_special(method, a, b);
    return is_not_implemented(said) ? object() : said;
}
// Asks both; the one of a subclass first.
inline object answer_of_either(const object& a, const object& b, const str special_names::*name) {
    const bool b_first = is_of_subclass(b, a);
    object said = answer_about(b_first ? b : a, b_first ? a : b, name);
    return said ? said : answer_about(b_first ? a : b, b_first ? b : a, name);
}
inline bool equal_instance(const object& a, const object& b) {
    const object said = answer_of_either(a, b, &special_names::eq);
    return said ? truth_of(said) : a.is(b);
}
// Whether a, an instance, says that it differs from b: by __ne__, or by __eq__ where its class has no __ne__.
inline object difference_said(const object& a, const object& b) {
    if (a.kind() != value_kind::instance) return {};
    if (special_method(a, &special_names::ne)) return answer_about(a, b, &special_names::ne);
    const object said = answer_about(a, b, &special_names::eq);
    return said ? boolean_of(!truth_of(said)) : object();
}
// The int that an instance's __index__ says; unset if the object is no instance, or its class has none.
inline object index_said(const object& o) {
    const object method = o.kind() == value_kind::instance ? special_method(o, &special_names::index) : object();
    if (!method) return {};
    object said = call_special(method, o);
    if (!is_int(said)) throw type_error("__index__ returned non-int (type " + type_name_of(said) + ")");
    return said;
}
// The same, and anything else as it is.
inline object indexed(const object& o) {
    object said = index_said(o);
    return said ? said : o;
}
// An argument that counts something.
inline std::int64_t number_of(const object& o) { return int_::to_int64(indexed(o), "C ssize_t"); }
// One that CPython keeps in 32 bits.
inline std::int64_t short_number_of(const object& o) {
    const std::int64_t n = int_::to_int64(indexed(o), "C int");
    if (n != static_cast<std::int32_t>(n)) throw overflow_error("Python int too large to convert to C int");
    return n;
}
// What a special method answers that must be a string.
inline object text_said(object said, const char* name) {
    if (said.kind() != value_kind::string)
        throw type_error(std::string(name) + " returned non-string (type " + type_name_of(said) + ")");
    return said;
}
inline void repr_instance(const object& o, std::string& out) {
    if (const object method = special_method(o, &special_names::repr)) {
        append_text(out, body<const str_body>(text_said(call_special(method, o), "__repr__")));
        return;
    }
    append_address(((out += '<') += type_name_of(o)) += " object at ", o.get());
    out += '>';
}
inline void repr_type(const object& o, std::string& out) {
    append_text(out += "<class '", body<const str_body>(body<type_body>(o)->name));
    out += "'>";
}
inline void finalize_instance(void* body) noexcept {
    const object self = share(body);
    try {
        const object method = find_in_class(static_cast<instance_body*>(body)->type, special_names::get().del);
        if (method) call_special(method, self);
    } catch (...) {
        report_exception("__del__", "an instance");
    }
}

inline std::string class_of_instance(const void* body) {
    const type_body* const type = static_cast<const instance_body*>(body)->of();
    return type != nullptr ? type->name.utf8() : "object";
}
inline void label_in_instance(const void* body, std::size_t index, std::string& label) {
    const type_body* const type = static_cast<const instance_body*>(body)->of();
    if (index < 2 || type == nullptr)
        label += index == 0 ? ".__class__" : ".__dict__";
    else
        append_text(label += '.', krait::detail::body<str_body>(type->shared->strings()[index - 2].key));
}
inline void tables_of_instance(const void* body, table_visitor& visitor) {
    const split_values* const values = static_cast<const instance_body*>(body)->values;
    if (values != nullptr) visitor.table(values, split_values::block_size(values->room), false);
}
inline void label_in_type(const void*, std::size_t index, std::string& label) {
    label += index == 0 ? ".__base__" : ".__dict__";
}
inline constexpr value_record type_record_of_classes =
    plain_record<type_body>(value_kind::type, "type", destroy_type, repr_type, label_in_type);
constexpr value_record make_instance_record() {
    value_record record =
        container_record<instance_body>(value_kind::instance, "object", destroy_instance,
                                        {hash_instance, equal_instance, repr_instance, size_plainly<instance_body>});
    record.own_type = class_of_instance;
    record.label = label_in_instance;
    record.tables = tables_of_instance;
    return record;
}
inline constexpr value_record instance_record = make_instance_record();
constexpr value_record make_finalized_instance_record() {
    value_record record = instance_record;
    record.finalize = finalize_instance;
    record.death = plain_death::no;
    return record;
}
inline constexpr value_record finalized_instance_record = make_finalized_instance_record();

inline object find_in_class(const object& type, const object& name) {
    for (const object* t = &type; *t; t = &body<type_body>(*t)->base) {
        auto* const attributes = body<dict_body>(body<type_body>(*t)->attributes);
        const std::int64_t i = attributes->find(name, hash_of_str(body<str_body>(name)));
        if (i != no_entry) return *attributes->value(i);
    }
    return {};
}

inline object new_instance(const object& type) {
    void* block = parked_instances.take(instance_blocks);
    if (block == nullptr) block = new_container_block(container_offset + sizeof(instance_body));
    const bool has_finalizer = has_in_bases(type, &type_body::has_finalizer);
    const auto& record = has_finalizer ? finalized_instance_record : instance_record;
    auto* const i = begin_container<instance_body>(block, record);
    ::new (i) instance_body{type, nullptr, object()};
    track(i);
    return adopt(i);
}

inline std::string type_name_of(const object& o) {
    if (!o) return "unset";
    if (o.kind() == value_kind::instance && body<instance_body>(o)->type)
        return body<instance_body>(o)->of()->name.utf8();
    return std::string(record_of(head_of(o.get()))->name);
}

} // namespace detail

// Python's a != b, which is not always the opposite of ==: instances may have a __ne__.
inline bool operator!=(const object& a, const object& b) {
    if (a.kind() != value_kind::instance && b.kind() != value_kind::instance) return !(a == b);
    const bool b_first = detail::is_of_subclass(b, a);
    object said = b_first ? detail::difference_said(b, a) : detail::difference_said(a, b);
    if (!said) said = b_first ? detail::difference_said(a, b) : detail::difference_said(b, a);
    return said ? detail::truth_of(said) : !a.is(b);
}

class instance : public object {
  public:
    // The instance that the object is. Throws type_error.
    static instance of(const object& o) {
        if (o.kind() != value_kind::instance) throw type_error("expected an instance, got " + detail::type_name_of(o));
        return instance(o);
    }
    class_ type() const;
    // The attributes as a dict, which has them from now on.
    krait::dict dict() const { return krait::dict::of(detail::body<detail::instance_body>(*this)->own_dict()); }

  private:
    explicit instance(const object& o) : object(o) {}
};

class class_ : public object {
  public:
    explicit class_(std::string_view name, object base = {})
        : object(detail::new_plain<detail::type_body>(
              detail::type_record_of_classes, intern(str(name)), base, object(krait::dict()),
              detail::new_keys(detail::shared_log2, detail::keys_kind::split), false, false)) {
        detail::type_body* const t = body();
        t->shared->usable = detail::most_shared_keys;
        if (base) (void)of(base); // its error
    }
    // Throws type_error.
    static class_ of(const object& o) {
        if (o.kind() != value_kind::type) throw type_error("expected a class, got " + detail::type_name_of(o));
        return class_(o, 0);
    }

    // A method: its first argument is the instance.
    const class_& def(std::string_view name, native code, object closure = tuple()) const {
        set(str(name), callable(name, code, std::move(closure)));
        return *this;
    }
    object get(const str& name) const { return detail::find_in_class(*this, name); }
    void set(const str& name, const object& value) const {
        const str known = intern(name);
        krait::dict::of(body()->attributes).set(known, value);
        const auto& special = detail::special_names::get();
        if (known.is(special.del))
            body()->has_finalizer = true;
        else if (known.size() > 4 && known.is_ascii() && known.ascii().starts_with("__") && !known.is(special.init))
            body()->has_special = true;
    }
    // An instance, initialised by __init__ if there is one. Throws type_error if there are arguments for nobody.
    instance operator()(arguments given) const {
        const instance made = instance::of(detail::new_instance(*this));
        const object init = get(detail::special_names::get().init);
        if (init) {
            std::vector<object> all{made};
            all.insert(all.end(), given.begin(), given.end());
            callable::of(init)(arguments(all, given.by_name()));
        } else if (!given.empty() || !given.by_name().empty()) {
            throw type_error(name().utf8() + "() takes no arguments");
        }
        return made;
    }
    template <class... A>
    requires(std::convertible_to<A, object>&&...) instance operator()(A&&... a) const {
        const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
        return (*this)(arguments(given));
    }
    str name() const { return body()->name; }
    object base() const { return body()->base; }
    bool is_subclass_of(const class_& other) const {
        for (const object* t = this; *t; t = &detail::body<detail::type_body>(*t)->base)
            if (t->is(other)) return true;
        return false;
    }

  private:
    class_(const object& o, int) : object(o) {}
    detail::type_body* body() const noexcept { return detail::body<detail::type_body>(*this); }
};
inline class_ instance::type() const { return class_::of(detail::body<detail::instance_body>(*this)->type); }

namespace detail {
object call_bound(const callable& self, arguments given);
[[noreturn, gnu::cold]] inline void fail_attribute(const object& o, const str& name) {
    const std::string who = o.kind() == value_kind::type ? "type object '" + class_::of(o).name().utf8() + "'"
                                                         : "'" + type_name_of(o) + "' object";
    throw attribute_error(who + " has no attribute '" + name.utf8() + "'");
}
} // namespace detail

// Attributes of instances and classes. Unset if there is none; a method of the class comes bound to the instance.
inline object find_attribute(const object& o, const str& name) {
    if (o.kind() == value_kind::type) return class_::of(o).get(name);
    if (o.kind() != value_kind::instance) return {};
    auto* const body = detail::body<detail::instance_body>(o);
    if (const object* const own = body->find(name)) return *own;
    object found = detail::find_in_class(body->type, name);
    if (found.kind() == value_kind::function)
        return callable::with_names(callable::of(found).name().utf8(), detail::call_bound, tuple{found, o});
    if (!found && name == detail::special_names::get().dict) return body->own_dict();
    if (!found && name == detail::special_names::get().class_) return body->type;
    return found;
}
// Throws attribute_error.
inline object getattr(const object& o, const str& name) {
    if (o.kind() == value_kind::instance) [[likely]]
        if (const object* const own = detail::body<detail::instance_body>(o)->find_first(name)) [[likely]]
            return *own;
    object found = find_attribute(o, name);
    if (!found) detail::fail_attribute(o, name);
    return found;
}
namespace detail {
[[gnu::noinline]] inline void set_attribute(const object& o, const str& name, const object& value) {
    if (o.kind() == value_kind::instance)
        body<instance_body>(o)->set(name, value);
    else if (o.kind() == value_kind::type)
        class_::of(o).set(name, value);
    else
        fail_attribute(o, name);
}
} // namespace detail
inline void setattr(const object& o, const str& name, const object& value) {
    if (o.kind() == value_kind::instance && value) [[likely]]
        if (object* const own = detail::body<detail::instance_body>(o)->find_first(name)) [[likely]] {
            object old = value;
            own->swap(old);
            return;
        }
    detail::set_attribute(o, name, value);
}
inline void delattr(const object& o, const str& name) {
    if (o.kind() != value_kind::instance || !detail::body<detail::instance_body>(o)->erase(name))
        detail::fail_attribute(o, name);
}
// __dict__ is an attribute of instances only.
inline bool hasattr(const object& o, const str& name) {
    if (o.kind() == value_kind::instance && name == str("__dict__")) return true;
    return static_cast<bool>(find_attribute(o, name));
}

// An attribute that a piece of code reads or writes again and again: it is looked for first where it was last among a
// class's names, as CPython's specialised instructions do. Names of a class never move, so a look at the name there is
// enough.
//
//     static thread_local const krait::attribute width("width");
//     width.set(o, width.get(o) + 1);
class attribute {
  public:
    explicit attribute(const str& name) : name_(intern(name)) {}
    const str& name() const noexcept { return name_; }

    // Throws attribute_error.
    object get(const object& o) const {
        const object* const place = here(o);
        return place != nullptr && *place ? *place : slow_get(o);
    }
    void set(const object& o, const object& value) const {
        if (object* const place = here(o); place != nullptr && *place && value) {
            object old = value;
            place->swap(old);
        } else {
            slow_set(o, value);
        }
    }

  private:
    // Null if it is elsewhere.
    object* here(const object& o) const noexcept {
        if (o.kind() != value_kind::instance) return nullptr;
        auto* const body = detail::body<detail::instance_body>(o);
        const detail::split_values* const values = body->values;
        if (values == nullptr || entry_ >= values->room) return nullptr;
        return body->of()->shared->strings()[entry_].key.is(name_) ? body->values->items() + entry_ : nullptr;
    }
    void learn(const object& o) const noexcept {
        if (o.kind() != value_kind::instance) return;
        auto* const body = detail::body<detail::instance_body>(o);
        if (body->values == nullptr) return;
        const std::int64_t i = detail::find_str(body->of()->shared, name_.get(),
                                                detail::hash_of_str(detail::body<detail::str_body>(name_)));
        if (i != detail::no_entry) entry_ = i;
    }
    [[gnu::noinline]] object slow_get(const object& o) const {
        learn(o);
        return getattr(o, name_);
    }
    [[gnu::noinline]] void slow_set(const object& o, const object& value) const {
        setattr(o, name_, value);
        learn(o);
    }

    str name_;
    mutable std::int64_t entry_ = std::numeric_limits<std::int64_t>::max();
    KRAIT_FIELDS(name_);
};

// Of functions, classes, and instances whose class has __call__. Throws type_error for others.
inline object call(const object& o, arguments given) {
    if (o.kind() == value_kind::function) return callable::of(o)(given);
    if (o.kind() == value_kind::type) return class_::of(o)(given);
    if (o.kind() == value_kind::instance)
        if (const object method = detail::find_in_class(detail::body<detail::instance_body>(o)->type,
                                                        detail::special_names::get().call)) {
            std::vector<object> all{o};
            all.insert(all.end(), given.begin(), given.end());
            return callable::of(method)(arguments(all, given.by_name()));
        }
    throw type_error("'" + detail::type_name_of(o) + "' object is not callable");
}
template <class... A>
requires(std::convertible_to<A, object>&&...) object call(const object& o, A&&... a) {
    const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
    return call(o, arguments(given));
}

inline object call(const object& o, std::initializer_list<object> given, std::initializer_list<named> by_name) {
    return call(o, arguments({given.begin(), given.size()}, {by_name.begin(), by_name.size()}));
}

namespace detail {
inline object call_bound(const callable& self, arguments given) {
    const tuple bound = tuple::of(self.closure());
    std::vector<object> all{bound[1]};
    all.insert(all.end(), given.begin(), given.end());
    return call(bound[0], arguments(all, given.by_name()));
}
} // namespace detail

} // namespace krait
