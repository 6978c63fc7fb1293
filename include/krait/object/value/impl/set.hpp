// The table of a set.
#pragma once

#include <krait/object/value/set.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL void set_body::clear() noexcept {
    set_entry aside[small_set];
    set_entry* const old = table;
    const std::size_t old_places = places();
    if (old == small)
        for (std::size_t i = 0; i < small_set; ++i) std::swap(aside[i], small[i]);
    table = small;
    mask = small_set - 1;
    fill = used = finger = 0;
    ++changes;
    if (old == small) return;
    for (std::size_t i = 0; i < old_places; ++i) old[i].key.reset();
    free_block(old);
}
KRAIT_OBJECT_DECL set_entry* set_body::look(const object& key, hash_type hash, set_entry*& removed) {
    auto perturb = static_cast<std::size_t>(hash);
    const auto m = static_cast<std::size_t>(mask);
    std::size_t i = static_cast<std::size_t>(hash) & m;
    for (;;) {
        set_entry* e = &table[i];
        const set_entry* const last = i + set_probes <= m ? e + set_probes : e;
        for (; e <= last; ++e) {
            if (!e->key) {
                if (e->hash == 0) return e;
                removed = e;
                continue;
            }
            if (e->hash != hash) continue;
            if (e->key.is(key)) return e;
            const std::uint64_t changes_then = changes;
            const set_entry* const table_then = table;
            const object there = e->key;
            const bool same = equal_values(there, key);
            if (changes != changes_then || table != table_then || !e->key.is(there)) return nullptr;
            if (same) return e;
        }
        perturb >>= 5;
        i = (i * 5 + 1 + perturb) & m;
    }
}
KRAIT_OBJECT_DECL set_entry* set_body::find(const object& key, hash_type hash, set_entry** removed) {
    for (;;) {
        set_entry* was_used = nullptr;
        set_entry* const e = look(key, hash, was_used);
        if (removed != nullptr) *removed = was_used;
        if (e != nullptr) return e;
    }
}
KRAIT_OBJECT_DECL void set_body::insert_clean(set_entry* to, std::size_t m, set_entry& from) noexcept {
    auto perturb = static_cast<std::size_t>(from.hash);
    std::size_t i = static_cast<std::size_t>(from.hash) & m;
    for (;;) {
        set_entry* e = &to[i];
        const set_entry* const last = i + set_probes <= m ? e + set_probes : e;
        for (; e <= last; ++e)
            if (!e->key) {
                e->key.swap(from.key);
                e->hash = from.hash;
                return;
            }
        perturb >>= 5;
        i = (i * 5 + 1 + perturb) & m;
    }
}
KRAIT_OBJECT_DECL void set_body::resize(std::int64_t wanted) {
    std::size_t size = small_set;
    while (size <= static_cast<std::size_t>(wanted)) size *= 2;
    set_entry aside[small_set];
    set_entry* old = table;
    const std::size_t old_places = places();
    set_entry* to = small;
    if (size > small_set) {
        to = static_cast<set_entry*>(new_block(size * sizeof(set_entry)));
        for (std::size_t i = 0; i < size; ++i) ::new (to + i) set_entry();
    }
    if (old == small) {
        for (std::size_t i = 0; i < small_set; ++i) std::swap(aside[i], small[i]);
        old = aside;
    }
    for (std::size_t i = 0; i < old_places; ++i)
        if (old[i].key) insert_clean(to, size - 1, old[i]);
    if (old != aside) free_block(old);
    table = to;
    mask = static_cast<std::int64_t>(size) - 1;
    fill = used;
}
KRAIT_OBJECT_DECL bool set_body::add(const object& key, hash_type hash) {
    set_entry* removed = nullptr;
    set_entry* e = find(key, hash, &removed);
    if (e->key) return false;
    if (removed != nullptr) e = removed;
    e->key = key;
    e->hash = hash;
    ++used;
    ++changes;
    if (removed != nullptr) return true;
    ++fill;
    if (fill * 5 >= mask * 3) resize(used > 50000 ? used * 2 : used * 4);
    return true;
}
KRAIT_OBJECT_DECL bool set_body::remove(const object& key, hash_type hash) {
    set_entry* const e = find(key, hash);
    if (!e->key) return false;
    object gone;
    gone.swap(e->key);
    e->hash = -1;
    --used;
    ++changes;
    return true;
}
inline object_head* destroy_set(object_head* head) noexcept {
    auto* const s = static_cast<set_body*>(object_of(head));
    for (std::size_t i = 0; i < s->places(); ++i) s->table[i].key.reset();
    if (s->table != s->small) free_block(s->table);
    free_container_block(block_of_container(head));
    return nullptr;
}
inline bool equal_set(const object& a, const object& b) {
    if (b.kind() == value_kind::view) // a dict's keys and items are sets, its values are not
        if (const auto* const view = value_record_of(b); view->as_set != nullptr) return view->equal(b, a);
    if (!is_set(b)) return false;
    auto *const x = body<set_body>(a), *const y = body<set_body>(b);
    if (x->used != y->used) return false;
    const recursion_guard guard(in_comparison);
    const object a_held = a, b_held = b; // a comparison may drop them
    for (std::size_t i = 0; i < x->places(); ++i) {
        const object key = x->table[i].key;
        if (key && !y->find(key, x->table[i].hash)->key) return false;
    }
    return true;
}
inline void repr_set(const object& o, std::string& out) {
    auto* const s = body<set_body>(o);
    const bool frozen = record_of(head_of(s)) == &frozenset_record;
    if (s->used == 0 || repr_under_way::of(s)) {
        (out += frozen ? "frozenset(" : "set(") += s->used == 0 ? ")" : "...)";
        return;
    }
    const recursion_guard guard(while_repr);
    const object held = o; // code of others may drop it
    const repr_under_way here(s);
    out += frozen ? "frozenset({" : "{";
    bool first = true;
    for (std::size_t i = 0; i < s->places(); ++i) {
        const object key = s->table[i].key;
        if (!key) continue;
        if (!first) out += ", ";
        first = false;
        append_repr(key, out);
    }
    out += frozen ? "})" : "}";
}
inline hash_type hash_frozenset(const object& o) {
    auto* const s = body<set_body>(o);
    if (s->changes != 0) return static_cast<hash_type>(s->changes);
    std::uint64_t mixed = 0;
    for (std::size_t i = 0; i < s->places(); ++i) {
        if (!s->table[i].key) continue;
        const auto h = static_cast<std::uint64_t>(s->table[i].hash);
        mixed ^= (h ^ 89869747u ^ h << 16) * 3644798167u;
    }
    mixed ^= (static_cast<std::uint64_t>(s->used) + 1) * 1927868237u;
    mixed ^= mixed >> 11 ^ mixed >> 25;
    mixed = mixed * 69069u + 907133923u;
    if (mixed == ~std::uint64_t{0}) mixed = 590923713;
    s->changes = mixed == 0 ? 1 : mixed;
    return static_cast<hash_type>(mixed);
}
inline std::size_t length_of_set(const void* body) {
    return static_cast<std::size_t>(static_cast<const set_body*>(body)->used);
}
inline std::size_t size_of_set(const void* body) noexcept {
    const auto* const s = static_cast<const set_body*>(body);
    return sizeof(object_head) + sizeof(set_body) + (s->table != s->small ? s->places() * sizeof(set_entry) : 0);
}
inline void label_in_set(const void*, std::size_t, std::string& label) { label += "{}"; }
inline void tables_of_set(const void* body, table_visitor& visitor) {
    const auto* const s = static_cast<const set_body*>(body);
    if (s->table != s->small) visitor.table(s->table, s->places() * sizeof(set_entry), true);
}
KRAIT_OBJECT_DECL object new_set(const value_record& record) {
    auto* const s = begin_container<set_body>(new_container_block(container_offset + sizeof(set_body)), record);
    ::new (s) set_body{0, 0, small_set - 1, s->small, 0, 0, {}, 0};
    track(s);
    return adopt(s);
}

} // namespace detail

KRAIT_OBJECT_DECL set::set(std::initializer_list<object> keys) : set() {
    for (const object& key : keys) add(key);
}
KRAIT_OBJECT_DECL set set::of(const object& o) {
    if (o.kind() != value_kind::set) detail::fail_kind("set", o);
    return set(o, 0);
}
KRAIT_OBJECT_DECL void set::add(const object& key) const {
    const looked_up asked(*this, key);
    asked.set->add(asked.key, asked.hash);
}
KRAIT_OBJECT_DECL bool set::contains(const object& key) const {
    const looked_up asked(*this, key);
    return static_cast<bool>(asked.set->find(asked.key, asked.hash)->key);
}
KRAIT_OBJECT_DECL void set::discard(const object& key) const {
    const looked_up asked(*this, key);
    asked.set->remove(asked.key, asked.hash);
}
KRAIT_OBJECT_DECL void set::remove(const object& key) const {
    const looked_up asked(*this, key);
    if (!asked.set->remove(asked.key, asked.hash)) throw key_error(repr(asked.key));
}
KRAIT_OBJECT_DECL object set::pop() const {
    detail::set_body* const s = body();
    if (s->used == 0) throw key_error("'pop from an empty set'");
    auto i = static_cast<std::size_t>(s->finger) & static_cast<std::size_t>(s->mask);
    while (!s->table[i].key) i = i + 1 > static_cast<std::size_t>(s->mask) ? 0 : i + 1;
    object key;
    key.swap(s->table[i].key);
    s->table[i].hash = -1;
    --s->used;
    ++s->changes;
    s->finger = static_cast<std::int64_t>(i) + 1;
    return key;
}
KRAIT_OBJECT_DECL frozenset::frozenset(std::initializer_list<object> keys)
    : object(detail::new_set(detail::frozenset_record)) {
    auto* const s = body();
    for (const object& key : keys) s->add(key, detail::hash_of(key));
    s->changes = 0;
}
KRAIT_OBJECT_DECL frozenset frozenset::of(const object& o) {
    if (o.kind() != value_kind::frozenset) detail::fail_kind("frozenset", o);
    return frozenset(o, 0);
}
KRAIT_OBJECT_DECL bool frozenset::contains(const object& key) const {
    return static_cast<bool>(body()->find(key, detail::hash_of(key))->key);
}

namespace detail {

constexpr value_record make_set_record(value_kind kind, std::string_view name, hash_type (*hash)(const object&),
                                       void (*repr)(const object&, std::string&)) {
    value_record record = container_record<set_body>(kind, name, destroy_set, {hash, equal_set, repr, size_of_set});
    record.length = length_of_set;
    record.label = label_in_set;
    record.tables = tables_of_set;
    return record;
}
KRAIT_OBJECT_DECL constinit const value_record set_record =
    make_set_record(value_kind::set, "set", hash_never, repr_set);
KRAIT_OBJECT_DECL constinit const value_record frozenset_record =
    make_set_record(value_kind::frozenset, "frozenset", hash_frozenset, repr_set);

} // namespace detail

} // namespace krait
