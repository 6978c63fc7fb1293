// The methods of list, tuple, range, dict, its views, set and frozenset.
#pragma once

#include <krait/object/value/impl/methods.hpp>

namespace krait::detail {

// ---- sequences

inline object count_items(const object& self, const object* a, const arguments&) {
    std::int64_t n = 0;
    for (const object& item : each(self)) n += same_or_equal(item, a[0]);
    return n;
}
inline object index_item(const object& self, const object* a, const arguments&) {
    const bool is_tuple = self.kind() == value_kind::tuple;
    for (const object& bound : {a[1], a[2]})
        if (bound && !is_int(bound)) throw type_error("slice indices must be integers or have an __index__ method");
    const part_of part(len(self), a[1], a[2]);
    const bool to_end = !a[2]; // wherever it is by then: a comparison may append
    for (std::size_t i = part.begin; (to_end || i < part.end) && i < len(self); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const object item = is_tuple ? tuple::of(self)[at] : list::of(self)[at];
        if (same_or_equal(item, a[0])) return at;
    }
    throw value_error(is_tuple ? "tuple.index(x): x not in tuple" : repr(a[0]) + " is not in list");
}
inline object append_item(const object& self, const object* a, const arguments&) {
    list::of(self).append(a[0]);
    return krait::none();
}
inline object extend_list(const object& self, const object* a, const arguments&) {
    extend_by(list::of(self), a[0]);
    return krait::none();
}
inline object insert_item(const object& self, const object* a, const arguments&) {
    list::of(self).insert(number_of(a[0]), a[1]);
    return krait::none();
}
inline object pop_item(const object& self, const object* a, const arguments&) {
    return list::of(self).pop(number_or(a[0], -1));
}
inline object remove_item(const object& self, const object* a, const arguments&) {
    const list l = list::of(self);
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(l.size()); ++i)
        if (const object item = l[i]; same_or_equal(item, a[0])) {
            if (i < static_cast<std::int64_t>(l.size())) l.erase(i); // what is there now, if anything, as in CPython
            return krait::none();
        }
    throw value_error("list.remove(x): x not in list");
}
inline object copy_list(const object& self, const object*, const arguments&) { return getitem(self, slice()); }
inline object clear_list(const object& self, const object*, const arguments&) {
    list::of(self).clear();
    return krait::none();
}
inline object reverse_list(const object& self, const object*, const arguments&) {
    list::of(self).reverse();
    return krait::none();
}
inline object sort_list(const object& self, const object* a, const arguments&) {
    sort(list::of(self), a[0] ? a[0] : krait::none(), short_number_or(a[1], 0) != 0);
    return krait::none();
}
inline object count_in_range(const object& self, const object* a, const arguments&) {
    return krait::contains(self, a[0]) ? 1 : 0;
}
inline object index_in_range(const object& self, const object* a, const arguments&) {
    if (!is_int(a[0])) {
        std::int64_t i = 0;
        for (const object& item : each(self)) {
            if (same_or_equal(item, a[0])) return i;
            ++i;
        }
        throw value_error("sequence.index(x): x not in sequence");
    }
    const std::int64_t place = place_in_range(self, a[0]);
    if (place < 0) throw value_error(repr(a[0]) + " is not in range");
    return place;
}

inline constexpr method list_methods[] = {
    {"append", 1, 1, "", append_item},
    {"clear", 0, 0, "", clear_list},
    {"copy", 0, 0, "", copy_list},
    {"count", 1, 1, "", count_items},
    {"extend", 1, 1, "", extend_list},
    {"index", 1, 3, "", index_item},
    {"insert", 2, 2, "", insert_item},
    {"pop", 0, 1, "", pop_item},
    {"remove", 1, 1, "", remove_item},
    {"reverse", 0, 0, "", reverse_list},
    {"sort", 0, 2, "key reverse", sort_list, 0},
};
inline constexpr method tuple_methods[] = {{"count", 1, 1, "", count_items}, {"index", 1, 3, "", index_item}};
inline constexpr method range_methods[] = {{"count", 1, 1, "", count_in_range}, {"index", 1, 1, "", index_in_range}};
static_assert(is_ordered(list_methods));

// ---- dict

// From a dict, or from pairs.
inline void update_dict(const dict& d, const object& from) {
    if (from.kind() == value_kind::dict) return d.update(dict::of(from));
    std::int64_t n = 0;
    for (const object& pair : each(from)) {
        object items;
        try {
            items = list_of(pair);
        } catch (const type_error&) {
            throw type_error("cannot convert dictionary update sequence element #" + std::to_string(n) +
                             " to a sequence");
        }
        if (len(items) != 2)
            throw value_error("dictionary update sequence element #" + std::to_string(n) + " has length " +
                              std::to_string(len(items)) + "; 2 is required");
        d.set(list::of(items)[0], list::of(items)[1]);
        ++n;
    }
}
inline object update_dict_method(const object& self, const object* a, const arguments& all) {
    if (all.size() > 1) throw type_error("update expected at most 1 argument, got " + std::to_string(all.size()));
    if (!all.empty()) update_dict(dict::of(self), a[0]);
    for (const named& n : all.by_name()) dict::of(self).set(n.name, n.value);
    return krait::none();
}
inline object get_value(const object& self, const object* a, const arguments&) {
    return dict::of(self).get(a[0], a[1] ? a[1] : krait::none());
}
inline object pop_value(const object& self, const object* a, const arguments&) {
    return a[1] ? dict::of(self).pop(a[0], a[1]) : dict::of(self).pop(a[0]);
}
inline object pop_last(const object& self, const object*, const arguments&) {
    auto* const d = body<dict_body>(self);
    if (d->used == 0) throw key_error("'popitem(): dictionary is empty'");
    d->own_keys();
    std::int64_t i = d->keys->entries - 1;
    while (!d->keys->value(i)) --i;
    const object key = d->keys->key(i), value = d->erase(i, d->keys->hash(i));
    while (d->keys->entries > 0 && !d->keys->value(d->keys->entries - 1)) // the next one is found at once
        --d->keys->entries;
    return tuple{key, value}; // last: a new tuple may set off a finalizer, which may change the dict
}
inline object copy_dict(const object& self, const object*, const arguments&) { return dict::of(self).copy(); }
inline object clear_dict(const object& self, const object*, const arguments&) {
    dict::of(self).clear();
    return krait::none();
}
inline object set_default(const object& self, const object* a, const arguments&) {
    return dict::of(self).setdefault(a[0], a[1] ? a[1] : krait::none());
}
inline object dict_from_keys(const object&, const object* a, const arguments&) {
    const dict made;
    const object value = a[1] ? a[1] : krait::none();
    if (is_set(a[0]))
        each_entry(set_at(a[0]),
                   [&](const object& key, hash_type hash) { body<dict_body>(made)->set(key, hash, value); });
    else if (a[0].kind() == value_kind::dict)
        body<dict_body>(a[0])->each_held(
            [&](const object& key, const object&, hash_type hash) { body<dict_body>(made)->set(key, hash, value); });
    else
        for (const object& key : each(a[0])) made.set(key, value);
    return made;
}
template <dict_part Part>
object view_method(const object& self, const object*, const arguments&) {
    return view_of(dict::of(self), Part);
}
inline constexpr method dict_methods[] = {
    {"clear", 0, 0, "", clear_dict},
    {"copy", 0, 0, "", copy_dict},
    {"fromkeys", 1, 2, "", dict_from_keys},
    {"get", 1, 2, "", get_value},
    {"items", 0, 0, "", view_method<dict_part::items>},
    {"keys", 0, 0, "", view_method<dict_part::keys>},
    {"pop", 1, 2, "", pop_value},
    {"popitem", 0, 0, "", pop_last},
    {"setdefault", 1, 2, "", set_default},
    {"update", 0, any_number, "*", update_dict_method},
    {"values", 0, 0, "", view_method<dict_part::values>},
};
inline object is_disjoint(const object& self, const object* a, const arguments&) {
    if (is_set(self) && is_set(a[0])) {
        const bool swap = set_at(a[0])->used > set_at(self)->used; // the smaller one is walked
        bool disjoint = true;
        each_entry(set_at(swap ? self : a[0]), [&](const object& key, hash_type hash) {
            disjoint = disjoint && !has(set_at(swap ? a[0] : self), key, hash);
        });
        return disjoint;
    }
    for (const object& key : each(a[0]))
        if (is_set(self) ? has(set_at(self), key, hash_of(key)) : in_set_like(self, key)) return false;
    return true;
}
inline constexpr method view_methods[] = {{"isdisjoint", 1, 1, "", is_disjoint}};

// ---- sets: the methods take anything that can be iterated over, the operators only sets

inline object as_set(const object& o) { return is_set(o) ? o : object(set_of(o)); }

inline object add_key(const object& self, const object* a, const arguments&) {
    set::of(self).add(a[0]);
    return krait::none();
}
inline object discard_key(const object& self, const object* a, const arguments&) {
    set::of(self).discard(as_key(a[0]));
    return krait::none();
}
inline object remove_key(const object& self, const object* a, const arguments&) {
    const object key = as_key(a[0]);
    if (!set_at(self)->remove(key, hash_of(key))) throw key_error(repr(a[0]));
    return krait::none();
}
inline object pop_key(const object& self, const object*, const arguments&) { return set::of(self).pop(); }
inline object clear_set(const object& self, const object*, const arguments&) {
    set::of(self).clear();
    return krait::none();
}
inline object copy_set(const object& self, const object*, const arguments&) {
    return self.kind() == value_kind::frozenset ? self : copy_of_set(self);
}
inline void add_all(set_body* s, const object& from) {
    if (is_set(from)) return merge(s, set_at(from));
    if (from.kind() == value_kind::dict) return merge_keys(s, body<dict_body>(from));
    for (const object& key : each(from)) s->add(key, hash_of(key));
}
inline void remove_all(set_body* s, const object& keys) {
    if (is_set(keys)) return subtract_set(s, keys);
    for (const object& key : each(keys)) s->remove(key, hash_of(key));
    shed_removed(s);
}
inline object set_union(const object& self, const object*, const arguments& all) {
    object made = copy_of_set(self);
    for (const object& other : all)
        if (!other.is(self)) add_all(set_at(made), other);
    return finished(std::move(made));
}
inline object set_update(const object& self, const object*, const arguments& all) {
    for (const object& other : all) add_all(set_at(self), other);
    return krait::none();
}
inline object intersection_with(const object& self, const object& other) {
    if (other.is(self)) return copy_of_set(self); // its order, too
    if (is_set(other)) return intersection_of(self, other);
    object made = new_set(set_record_like(self));
    for (const object& key : each(other))
        if (const hash_type hash = hash_of(key); has(set_at(self), key, hash)) set_at(made)->add(key, hash);
    return finished(std::move(made));
}
inline object set_intersection(const object& self, const object*, const arguments& all) {
    if (all.empty()) return copy_of_set(self);
    object made = self;
    for (const object& other : all) made = intersection_with(made, other);
    return made;
}
inline object set_intersection_update(const object& self, const object* a, const arguments& all) {
    const object kept = set_intersection(self, a, all);
    const std::uint64_t changes = set_at(self)->changes;
    std::swap(*set_at(self), *set_at(kept));
    for (const object& o : {self, kept}) // small tables are in the bodies
        if (set_body* const s = set_at(o); s->mask == small_set - 1) s->table = s->small;
    set_at(self)->changes = changes + 1;
    return krait::none();
}
inline object set_difference(const object& self, const object*, const arguments& all) {
    if (all.empty()) return copy_of_set(self);
    object made;
    for (const object& other : all) {
        if (made) {
            remove_all(set_at(made), other);
        } else if (is_set(other)) {
            made = difference_of(self, other);
        } else if (other.kind() == value_kind::dict && set_at(self)->used >> 2 <= body<dict_body>(other)->used) {
            made = new_set(set_record_like(self));
            each_entry(set_at(self), [&](const object& key, hash_type hash) {
                if (body<dict_body>(other)->find(key, hash) == no_entry) set_at(made)->add(key, hash);
            });
        } else {
            made = copy_of_set(self);
            remove_all(set_at(made), other);
        }
    }
    return finished(std::move(made));
}
inline object set_difference_update(const object& self, const object*, const arguments& all) {
    for (const object& other : all) remove_all(set_at(self), other);
    return krait::none();
}
inline object set_symmetric_difference(const object& self, const object* a, const arguments&) {
    object made = new_set(set_record_like(self));
    add_all(set_at(made), a[0]);
    toggle(set_at(made), self);
    return finished(std::move(made));
}
inline object set_symmetric_difference_update(const object& self, const object* a, const arguments&) {
    toggle(set_at(self), is_set(a[0]) ? a[0] : object(set_of(a[0])));
    return krait::none();
}
inline object is_subset_method(const object& self, const object* a, const arguments&) {
    return is_subset(self, as_set(a[0]));
}
inline object is_superset_method(const object& self, const object* a, const arguments&) {
    if (is_set(a[0])) return is_subset(a[0], self);
    for (const object& key : each(a[0]))
        if (!has(set_at(self), key, hash_of(key))) return false;
    return true;
}
inline constexpr method set_methods[] = {
    {"add", 1, 1, "", add_key},
    {"clear", 0, 0, "", clear_set},
    {"copy", 0, 0, "", copy_set},
    {"difference", 0, any_number, "", set_difference},
    {"difference_update", 0, any_number, "", set_difference_update},
    {"discard", 1, 1, "", discard_key},
    {"intersection", 0, any_number, "", set_intersection},
    {"intersection_update", 0, any_number, "", set_intersection_update},
    {"isdisjoint", 1, 1, "", is_disjoint},
    {"issubset", 1, 1, "", is_subset_method},
    {"issuperset", 1, 1, "", is_superset_method},
    {"pop", 0, 0, "", pop_key},
    {"remove", 1, 1, "", remove_key},
    {"symmetric_difference", 1, 1, "", set_symmetric_difference},
    {"symmetric_difference_update", 1, 1, "", set_symmetric_difference_update},
    {"union", 0, any_number, "", set_union},
    {"update", 0, any_number, "", set_update},
};
inline constexpr method frozenset_methods[] = {
    {"copy", 0, 0, "", copy_set},
    {"difference", 0, any_number, "", set_difference},
    {"intersection", 0, any_number, "", set_intersection},
    {"isdisjoint", 1, 1, "", is_disjoint},
    {"issubset", 1, 1, "", is_subset_method},
    {"issuperset", 1, 1, "", is_superset_method},
    {"symmetric_difference", 1, 1, "", set_symmetric_difference},
    {"union", 0, any_number, "", set_union},
};
static_assert(is_ordered(dict_methods) && is_ordered(set_methods) && is_ordered(frozenset_methods));

} // namespace krait::detail
