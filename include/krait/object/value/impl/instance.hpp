// Classes and instances: attributes, special methods, calls.
#pragma once

#include <algorithm>

#include <krait/object/value/float.hpp>
#include <krait/object/value/impl/dict.hpp>
#include <krait/object/value/instance.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL void instance_body::clear() noexcept {
    split_values* const gone = std::exchange(values, nullptr);
    dict.reset();
    if (gone != nullptr) gone->drop();
    type.reset();
}
KRAIT_OBJECT_DECL object* instance_body::find(const object& name) noexcept {
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
KRAIT_OBJECT_DECL void instance_body::set(const object& name, const object& item) {
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
KRAIT_OBJECT_DECL bool instance_body::erase(const object& name) {
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
KRAIT_OBJECT_DECL const object& instance_body::own_dict() {
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
inline object_head* destroy_type(object_head* head) noexcept {
    auto* const t = static_cast<type_body*>(object_of(head));
    dict_keys* const shared = t->shared;
    t->~type_body();
    drop_keys(shared);
    free_container_block(block_of_container(head));
    return nullptr;
}
inline object_head* destroy_instance(object_head* head) noexcept {
    auto* const i = static_cast<instance_body*>(object_of(head));
    i->clear();
    void* const block = block_of_container(head);
    if (!parked_instances.put(block)) free_container_block(block);
    return nullptr;
}
[[gnu::noinline]] KRAIT_OBJECT_DECL const special_names& special_names::make() {
    const heap& h = started_heap();
    of_thread = new special_names;
    if (h.extras != nullptr) h.extras->at_end.push_back([]() noexcept { delete std::exchange(of_thread, nullptr); });
    return *of_thread;
}
KRAIT_OBJECT_DECL object special_method(const object& o, const str special_names::*name) {
    const object& type = body<instance_body>(o)->type;
    return has_in_bases(type, &type_body::has_special) ? find_in_class(type, special_names::get().*name) : object();
}
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
KRAIT_OBJECT_DECL bool is_of_subclass(const object& b, const object& a) {
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
KRAIT_OBJECT_DECL bool differ_as_said(const object& a, const object& b) {
    const bool b_first = is_of_subclass(b, a);
    object said = b_first ? difference_said(b, a) : difference_said(a, b);
    if (!said) said = b_first ? difference_said(a, b) : difference_said(b, a);
    return said ? truth_of(said) : !a.is(b);
}
KRAIT_OBJECT_DECL object index_said(const object& o) {
    const object method = o.kind() == value_kind::instance ? special_method(o, &special_names::index) : object();
    if (!method) return {};
    object said = call_special(method, o);
    if (!is_int(said)) throw type_error("__index__ returned non-int (type " + type_name_of(said) + ")");
    return said;
}
KRAIT_OBJECT_DECL object indexed(const object& o) {
    object said = index_said(o);
    return said ? said : o;
}
KRAIT_OBJECT_DECL std::int64_t number_of(const object& o) { return int_::to_int64(indexed(o), "C ssize_t"); }
KRAIT_OBJECT_DECL std::int64_t short_number_of(const object& o) {
    const std::int64_t n = int_::to_int64(indexed(o), "C int");
    if (n != static_cast<std::int32_t>(n)) throw overflow_error("Python int too large to convert to C int");
    return n;
}
KRAIT_OBJECT_DECL object text_said(object said, const char* name) {
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
KRAIT_OBJECT_DECL object find_in_class(const object& type, const object& name) {
    for (const object* t = &type; *t; t = &body<type_body>(*t)->base) {
        auto* const attributes = body<dict_body>(body<type_body>(*t)->attributes);
        const std::int64_t i = attributes->find(name, hash_of_str(body<str_body>(name)));
        if (i != no_entry) return *attributes->value(i);
    }
    return {};
}
KRAIT_OBJECT_DECL object new_instance(const object& type) {
    void* block = parked_instances.take(instance_blocks);
    if (block == nullptr) block = new_container_block(container_offset + sizeof(instance_body));
    const bool has_finalizer = has_in_bases(type, &type_body::has_finalizer);
    const auto& record = has_finalizer ? finalized_instance_record : instance_record;
    auto* const i = begin_container<instance_body>(block, record);
    ::new (i) instance_body{type, nullptr, object()};
    track(i);
    return adopt(i);
}
KRAIT_OBJECT_DECL std::string type_name_of(const object& o) {
    if (!o) return "unset";
    if (o.kind() == value_kind::instance && body<instance_body>(o)->type)
        return body<instance_body>(o)->of()->name.utf8();
    return std::string(record_of(head_of(o.get()))->name);
}

} // namespace detail

KRAIT_OBJECT_DECL instance instance::of(const object& o) {
    if (o.kind() != value_kind::instance) detail::fail_kind("an instance", o);
    return instance(o);
}
KRAIT_OBJECT_DECL krait::dict instance::dict() const {
    return krait::dict::of(detail::body<detail::instance_body>(*this)->own_dict());
}
KRAIT_OBJECT_DECL class_::class_(std::string_view name, object base)
    : object(detail::new_plain<detail::type_body>(
          detail::type_record_of_classes, intern(str(name)), base, object(krait::dict()),
          detail::new_keys(detail::shared_log2, detail::keys_kind::split), false, false)) {
    detail::type_body* const t = body();
    t->shared->usable = detail::most_shared_keys;
    if (base) (void)of(base); // its error
}
KRAIT_OBJECT_DECL class_ class_::of(const object& o) {
    if (o.kind() != value_kind::type) detail::fail_kind("a class", o);
    return class_(o, 0);
}
KRAIT_OBJECT_DECL const class_& class_::def(std::string_view name, native code, object closure) const {
    set(str(name), callable(name, code, std::move(closure)));
    return *this;
}
KRAIT_OBJECT_DECL void class_::set(const str& name, const object& value) const {
    const str known = intern(name);
    krait::dict::of(body()->attributes).set(known, value);
    const auto& special = detail::special_names::get();
    if (known.is(special.del))
        body()->has_finalizer = true;
    else if (known.size() > 4 && known.is_ascii() && known.ascii().starts_with("__") && !known.is(special.init))
        body()->has_special = true;
}
KRAIT_OBJECT_DECL instance class_::operator()(arguments given) const {
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
KRAIT_OBJECT_DECL bool class_::is_subclass_of(const class_& other) const {
    for (const object* t = this; *t; t = &detail::body<detail::type_body>(*t)->base)
        if (t->is(other)) return true;
    return false;
}
KRAIT_OBJECT_DECL class_ instance::type() const { return class_::of(detail::body<detail::instance_body>(*this)->type); }

namespace detail {

KRAIT_OBJECT_DECL void fail_attribute(const object& o, const str& name) {
    const std::string who = o.kind() == value_kind::type ? "type object '" + class_::of(o).name().utf8() + "'"
                                                         : "'" + type_name_of(o) + "' object";
    throw attribute_error(who + " has no attribute '" + name.utf8() + "'");
}

} // namespace detail

KRAIT_OBJECT_DECL object find_attribute(const object& o, const str& name) {
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

namespace detail {

[[gnu::noinline]] KRAIT_OBJECT_DECL void set_attribute(const object& o, const str& name, const object& value) {
    if (o.kind() == value_kind::instance)
        body<instance_body>(o)->set(name, value);
    else if (o.kind() == value_kind::type)
        class_::of(o).set(name, value);
    else
        fail_attribute(o, name);
}

} // namespace detail

KRAIT_OBJECT_DECL void delattr(const object& o, const str& name) {
    if (o.kind() != value_kind::instance || !detail::body<detail::instance_body>(o)->erase(name))
        detail::fail_attribute(o, name);
}
KRAIT_OBJECT_DECL bool hasattr(const object& o, const str& name) {
    if (o.kind() == value_kind::instance && name == str("__dict__")) return true;
    return static_cast<bool>(find_attribute(o, name));
}
KRAIT_OBJECT_DECL void attribute::learn(const object& o) const noexcept {
    if (o.kind() != value_kind::instance) return;
    auto* const body = detail::body<detail::instance_body>(o);
    if (body->values == nullptr) return;
    const std::int64_t i =
        detail::find_str(body->of()->shared, name_.get(), detail::hash_of_str(detail::body<detail::str_body>(name_)));
    if (i != detail::no_entry) entry_ = i;
}
[[gnu::noinline]] KRAIT_OBJECT_DECL object attribute::slow_get(const object& o) const {
    learn(o);
    return getattr(o, name_);
}
[[gnu::noinline]] KRAIT_OBJECT_DECL void attribute::slow_set(const object& o, const object& value) const {
    setattr(o, name_, value);
    learn(o);
}
KRAIT_OBJECT_DECL object call(const object& o, arguments given) {
    if (o.kind() == value_kind::function) return callable::of(o)(given);
    if (o.kind() == value_kind::type) return class_::of(o)(given);
    if (o.kind() == value_kind::instance)
        if (const object method = detail::find_in_class(detail::body<detail::instance_body>(o)->type,
                                                        detail::special_names::get().call)) {
            std::vector<object> all{o};
            all.insert(all.end(), given.begin(), given.end());
            return callable::of(method)(arguments(all, given.by_name()));
        }
    detail::fail_call(o);
}
KRAIT_OBJECT_DECL object call(const object& o, std::initializer_list<object> given,
                              std::initializer_list<named> by_name) {
    return call(o, arguments({given.begin(), given.size()}, {by_name.begin(), by_name.size()}));
}

namespace detail {

KRAIT_OBJECT_DECL object call_bound(const callable& self, arguments given) {
    const tuple bound = tuple::of(self.closure());
    std::vector<object> all{bound[1]};
    all.insert(all.end(), given.begin(), given.end());
    return call(bound[0], arguments(all, given.by_name()));
}

KRAIT_OBJECT_DECL constinit const type_record instance_blocks =
    parking_record("instance", container_offset + sizeof(instance_body), 80);
KRAIT_OBJECT_DECL constinit const value_record type_record_of_classes =
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
KRAIT_OBJECT_DECL constinit const value_record instance_record = make_instance_record();
constexpr value_record make_finalized_instance_record() {
    value_record record = make_instance_record();
    record.finalize = finalize_instance;
    record.death = plain_death::no;
    return record;
}
KRAIT_OBJECT_DECL constinit const value_record finalized_instance_record = make_finalized_instance_record();

} // namespace detail

} // namespace krait
