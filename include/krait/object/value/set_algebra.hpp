// Sets made of sets: | & - ^, and whether one holds the other. In CPython's steps, because the order of a set's keys is
// a matter of how it came about: which of the two is walked, when the table grows.
#pragma once

#include <krait/object/value/set.hpp>

namespace krait::detail {

inline set_body* set_at(const object& o) noexcept { return body<set_body>(o); }

// f may compare, which may run code of others that changes s: then the walk goes on in what s is now.
template <class F>
void each_entry(const set_body* s, F&& f) {
    for (std::size_t i = 0; i < s->places(); ++i) {
        const object key = s->table[i].key;
        if (key) f(key, s->table[i].hash);
    }
}
inline void reserve(set_body* s, std::int64_t more) {
    if ((s->fill + more) * 5 >= s->mask * 3) s->resize((s->used + more) * 2);
}
// Adds the keys of other to s.
inline void merge(set_body* s, const set_body* other) {
    if (s == other || other->used == 0) return;
    reserve(s, other->used);
    const bool clean = s->fill == 0;
    if (clean && s->mask == other->mask && other->fill == other->used) {
        for (std::size_t i = 0; i < s->places(); ++i) s->table[i] = other->table[i];
        s->fill = s->used = other->used;
        ++s->changes;
        return;
    }
    if (clean) {
        each_entry(other, [&](const object& key, hash_type hash) {
            set_entry entry{key, hash};
            s->insert_clean(s->table, static_cast<std::size_t>(s->mask), entry);
        });
        s->fill = s->used = other->used;
        ++s->changes;
        return;
    }
    each_entry(other, [&](const object& key, hash_type hash) { s->add(key, hash); });
}
inline bool has(set_body* s, const object& key, hash_type hash) { return static_cast<bool>(s->find(key, hash)->key); }

inline const value_record& set_record_like(const object& o) noexcept {
    return o.kind() == value_kind::frozenset ? frozenset_record : set_record;
}
// What made a frozenset also changed it: its hash is not known yet.
inline object finished(object made) noexcept {
    if (made.kind() == value_kind::frozenset) set_at(made)->changes = 0;
    return made;
}
inline object copy_of_set(const object& o) {
    object made = new_set(set_record_like(o));
    merge(set_at(made), set_at(o));
    return finished(std::move(made));
}
inline object union_of(const object& a, const object& b) {
    object made = copy_of_set(a);
    merge(set_at(made), set_at(b));
    return finished(std::move(made));
}
inline object intersection_of(const object& a, const object& b) {
    if (a.is(b)) return copy_of_set(a);
    object made = new_set(set_record_like(a));
    const bool swap = set_at(b)->used > set_at(a)->used;
    set_body* const in = set_at(swap ? b : a);
    each_entry(set_at(swap ? a : b), [&](const object& key, hash_type hash) {
        if (has(in, key, hash)) set_at(made)->add(key, hash);
    });
    return finished(std::move(made));
}
inline void shed_removed(set_body* s) {
    if (s->fill - s->used > s->mask / 4) s->resize(s->used > 50000 ? s->used * 2 : s->used * 4);
}
inline void subtract_set(set_body* s, const object& other) {
    if (s == set_at(other)) return s->clear();
    each_entry(set_at(other), [&](const object& key, hash_type hash) { s->remove(key, hash); });
    shed_removed(s);
}
inline object difference_of(const object& a, const object& b) {
    if (set_at(a)->used >> 2 > set_at(b)->used) {
        object made = copy_of_set(a);
        subtract_set(set_at(made), b);
        return finished(std::move(made));
    }
    object made = new_set(set_record_like(a));
    each_entry(set_at(a), [&](const object& key, hash_type hash) {
        if (!has(set_at(b), key, hash)) set_at(made)->add(key, hash);
    });
    return finished(std::move(made));
}
inline void toggle(set_body* s, const object& other) {
    if (s == set_at(other)) return s->clear();
    each_entry(set_at(other), [&](const object& key, hash_type hash) {
        if (!s->remove(key, hash)) s->add(key, hash);
    });
}
// b's keys in a set like a, whatever b is like.
inline object symmetric_difference_of(const object& a, const object& b) {
    object made = new_set(set_record_like(a));
    merge(set_at(made), set_at(b));
    toggle(set_at(made), a);
    return finished(std::move(made));
}
inline bool is_subset(const object& a, const object& b) {
    if (set_at(a)->used > set_at(b)->used) return false;
    bool all = true;
    each_entry(set_at(a), [&](const object& key, hash_type hash) { all = all && has(set_at(b), key, hash); });
    return all;
}

} // namespace krait::detail
