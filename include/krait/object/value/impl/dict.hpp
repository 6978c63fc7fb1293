// What is rare about dicts, and what they are asked.
#pragma once

#include <cstring>
#include <memory>

#include <krait/object/value/dict.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL dict_keys* new_keys(int log2_size, keys_kind kind) {
    if (log2_size == smallest_log2 && kind == keys_kind::strings) return new_small_keys();
    return write_keys(new_block(keys_block_size(log2_size, kind)), log2_size, kind);
}
// The block alone: entries have gone elsewhere.
inline void free_keys(dict_keys* keys) noexcept {
    if (keys == &no_keys.keys) return;
    const bool parks = keys->log2_size == smallest_log2 && keys->kind == keys_kind::strings;
    if (!parks || !parked_keys.put(keys)) free_block(keys);
}
inline void drop_keys(dict_keys* keys) noexcept {
    if (keys == &no_keys.keys || --keys->references > 0) return;
    if (keys->has_strings())
        std::destroy_n(keys->strings(), keys->entries);
    else
        std::destroy_n(keys->general(), keys->entries);
    free_keys(keys);
}
KRAIT_OBJECT_DECL std::size_t slot_of(const dict_keys* keys, hash_type hash, std::int64_t entry) noexcept {
    table_probe p(keys, hash);
    while (keys->index(p.slot) != entry) p.next();
    return p.slot;
}
KRAIT_OBJECT_DECL void split_values::forget(std::int64_t entry) noexcept {
    std::uint8_t* at = order();
    std::uint8_t* const end = at + used--;
    while (*at != entry) ++at;
    std::memmove(at, at + 1, static_cast<std::size_t>(end - at) - 1);
}
KRAIT_OBJECT_DECL split_values* split_values::with_room(split_values* old, std::int64_t room) {
    const std::int64_t before = old == nullptr ? 0 : old->room;
    std::uint8_t order[most_shared_keys];
    if (old != nullptr) std::memcpy(order, old->order(), old->used);
    auto* const made = static_cast<split_values*>(resize_table(old, block_size(static_cast<std::size_t>(room))));
    if (old == nullptr) made->used = 0;
    for (std::int64_t i = before; i < room; ++i) ::new (made->items() + i) object();
    made->room = static_cast<std::uint8_t>(room);
    std::memcpy(made->order(), order, made->used);
    return made;
}
KRAIT_OBJECT_DECL void split_values::drop() noexcept {
    for (std::size_t i = 0; i < room; ++i) items()[i].reset();
    free_table(this);
}
KRAIT_OBJECT_DECL void dict_body::clear() noexcept {
    dict_keys* const old = std::exchange(keys, &no_keys.keys);
    split_values* const old_values = std::exchange(values, nullptr);
    used = 0;
    changes += new_table;
    if (old_values != nullptr) old_values->drop();
    drop_keys(old);
}
KRAIT_OBJECT_DECL std::int64_t dict_body::find(const object& key, hash_type hash) {
    const bool is_str = key.kind() == value_kind::string;
    for (;;) {
        if (keys->has_strings() && is_str) {
            const std::int64_t i = find_str(keys, key.get(), hash);
            const bool unset = values != nullptr && i != no_entry && (values->at(i) == nullptr || !*values->at(i));
            return unset ? no_entry : i;
        }
        if (keys->has_strings()) return no_entry; // nothing else equals a string
        const std::int64_t i = find_general(key, hash);
        if (i != found_changes) return i;
    }
}
KRAIT_OBJECT_DECL std::int64_t dict_body::find_general(const object& key, hash_type hash) {
    const std::uint64_t changes_then = changes;
    for (table_probe p(keys, hash);; p.next()) {
        const std::int64_t i = keys->index(p.slot);
        if (i == -1) return no_entry;
        if (i < 0) continue;
        dict_entry& e = keys->general()[i];
        if (e.key.is(key)) return i;
        if (e.hash != hash) continue;
        const object there = e.key;
        const bool same = equal_values(there, key);
        if ((changes ^ changes_then) >= new_table || !keys->general()[i].key.is(there)) return found_changes;
        if (same) return i;
    }
}
KRAIT_OBJECT_DECL void dict_body::rebuild_strings(int log2_size) {
    dict_keys* const table = new_keys(log2_size, keys_kind::strings);
    table->entries = keys->entries;
    std::memcpy(table->first_entry(), keys->first_entry(), static_cast<std::size_t>(keys->entries) * sizeof(str_entry));
    void* const indices = table->indices();
    log2_size < 8    ? write_indices(table, static_cast<std::int8_t*>(indices))
    : log2_size < 16 ? write_indices(table, static_cast<std::int16_t*>(indices))
                     : write_indices(table, static_cast<std::int32_t*>(indices));
    table->usable -= table->entries;
    free_keys(keys);
    keys = table;
    changes += new_table;
}
KRAIT_OBJECT_DECL void dict_body::rebuild(int log2_size, keys_kind kind) {
    if (kind == keys->kind && kind == keys_kind::strings && used == keys->entries) return rebuild_strings(log2_size);
    dict_keys* const table = new_keys(log2_size, kind);
    const bool shared = values != nullptr;
    const auto move = [&](object& key, object& value, hash_type hash) {
        const std::int64_t i = table->entries++;
        if (kind == keys_kind::general) {
            auto* const e = ::new (table->general() + i) dict_entry{hash, object(), object()};
            shared ? void(e->key = key) : e->key.swap(key);
            e->value.swap(value);
        } else {
            auto* const e = ::new (table->strings() + i) str_entry{};
            shared ? void(e->key = key) : e->key.swap(key);
            e->value.swap(value);
        }
        table->set_index(free_slot(table, hash), i);
    };
    if (shared) {
        for (std::size_t i = 0; i < values->used; ++i) {
            const std::int64_t entry = values->order()[i];
            move(keys->key(entry), values->items()[entry], keys->hash(entry));
        }
        std::exchange(values, nullptr)->drop();
        drop_keys(keys);
    } else {
        for (std::int64_t i = 0; i < keys->entries; ++i)
            if (keys->value(i)) move(keys->key(i), keys->value(i), keys->hash(i));
        free_keys(keys);
    }
    table->usable -= table->entries;
    keys = table;
    changes += new_table;
}
KRAIT_OBJECT_DECL void dict_body::copy_table(const dict_body& other) {
    dict_keys* const from = other.keys;
    dict_keys* const table = new_keys(from->log2_size, from->kind);
    std::memcpy(table->indices(), from->indices(), std::size_t{1} << from->log2_index_size);
    if (from->has_strings())
        std::uninitialized_copy_n(from->strings(), from->entries, table->strings());
    else
        std::uninitialized_copy_n(from->general(), from->entries, table->general());
    table->usable = from->usable;
    table->entries = from->entries;
    if (is_tracked(head_of(&other)) && !is_tracked(head_of(this))) track(this);
    used = other.used;
    changes += new_table;
    drop_keys(std::exchange(keys, table));
}
KRAIT_OBJECT_DECL bool dict_body::is_updated_by_copy(const dict_body& other) const noexcept {
    const dict_keys* const from = other.keys;
    return used == 0 && other.used != 0 && values == nullptr && other.values == nullptr &&
           other.used == from->entries &&
           (from->log2_size == smallest_log2 || usable_of(from->size() / 2) < other.used);
}
KRAIT_OBJECT_DECL void dict_body::own_keys() {
    if (values != nullptr) rebuild(log2_for_entries(used), keys_kind::strings);
}
[[gnu::noinline]] KRAIT_OBJECT_DECL bool dict_body::set_str(const object& key, hash_type hash, const object& item) {
    if (keys->kind != keys_kind::strings || !item) return false;
    std::size_t slot = 0;
    const std::int64_t found = find_str(keys, key.get(), hash, slot);
    if (found == no_entry && keys->usable <= 0) return false;
    if (!is_tracked(head_of(this)) && may_be_tracked(item)) track(this);
    if (found != no_entry) {
        object old = item;
        keys->strings()[found].value.swap(old);
    } else {
        const std::int64_t i = keys->entries;
        keys->set_index(slot, i);
        ::new (keys->strings() + i) str_entry{key, item};
        count_new();
    }
    return true;
}
KRAIT_OBJECT_DECL void dict_body::set(const object& key, hash_type hash, const object& item) {
    if (!item) fail_unset();
    const std::int64_t found = find(key, hash);
    // Now: a comparison may have run the collector, which lets a dict of atoms go.
    if (!is_tracked(head_of(this)) && (may_be_tracked(key) || may_be_tracked(item))) track(this);
    if (found != no_entry) {
        object old = item;
        value(found)->swap(old);
        return;
    }
    own_keys();
    const keys_kind kind =
        key.kind() == value_kind::string && keys->kind == keys_kind::strings ? keys_kind::strings : keys_kind::general;
    if (keys == &no_keys.keys)
        keys = new_keys(smallest_log2, kind); // a search in no table compares nothing
    else if (keys->usable <= 0 || kind != keys->kind)
        rebuild(log2_for(used * 3), kind);
    add(key, hash, item);
}
KRAIT_OBJECT_DECL void dict_body::add(const object& key, hash_type hash, const object& item) {
    const std::int64_t i = keys->entries;
    keys->set_index(free_slot(keys, hash), i);
    if (keys->has_strings())
        ::new (keys->strings() + i) str_entry{key, item};
    else
        ::new (keys->general() + i) dict_entry{hash, key, item};
    count_new();
}
KRAIT_OBJECT_DECL object dict_body::erase(std::int64_t i, hash_type hash) {
    if (values != nullptr) {
        object key = keys->key(i);
        own_keys();
        i = find(key, hash);
    }
    keys->set_index(slot_of(keys, hash, i), -2);
    object key, item;
    key.swap(keys->key(i));
    item.swap(keys->value(i));
    --used;
    ++changes;
    return item;
}
inline object_head* destroy_dict(object_head* head) noexcept {
    auto* const d = static_cast<dict_body*>(object_of(head));
    d->clear();
    void* const block = block_of_container(head);
    if (!parked_dicts.put(block)) free_container_block(block);
    return nullptr;
}
inline untracking untracks_dict(const void* body, moment of_run) noexcept {
    if (of_run == moment::found_reachable) return untracking::stays;
    if (of_run == moment::found_reachable_in_full_run) return untracking::ask_at_end;
    bool atoms = true;
    static_cast<dict_body*>(const_cast<void*>(body))->each([&](const object& o) {
        atoms = atoms && !may_be_tracked(o);
    });
    return atoms ? untracking::leaves : untracking::stays;
}
inline bool equal_dict(const object& a, const object& b) {
    if (b.kind() != value_kind::dict) return false;
    const object a_held = a, b_held = b;
    auto *const x = body<dict_body>(a), *const y = body<dict_body>(b);
    if (x->used != y->used) return false;
    const recursion_guard guard(in_comparison);
    bool equal = true;
    x->each_held([&](const object& key, const object& item, hash_type hash) {
        if (!equal) return;
        const std::int64_t i = y->find(key, hash);
        if (i == no_entry) {
            equal = false;
            return;
        }
        const object other = *y->value(i);
        equal = same_or_equal(item, other);
    });
    return equal;
}
inline void repr_dict(const object& o, std::string& out) {
    auto* const d = body<dict_body>(o);
    if (repr_under_way::of(d)) {
        out += "{...}";
        return;
    }
    const recursion_guard guard(while_repr);
    const object held = o;
    const repr_under_way here(d);
    out += '{';
    bool first = true;
    std::int64_t position = 0;
    object *key, *item;
    while (d->next(position, key, item)) {
        const object k = *key, v = *item;
        if (!first) out += ", ";
        first = false;
        append_repr(k, out);
        out += ": ";
        append_repr(v, out);
    }
    out += '}';
}
inline std::size_t size_of_dict(const void* body) noexcept {
    const auto* const d = static_cast<const dict_body*>(body);
    std::size_t size = sizeof(object_head) + sizeof(dict_body);
    if (d->values != nullptr) size += d->values->room * sizeof(object);
    if (d->keys != &no_keys.keys && d->keys->references == 1)
        size += keys_block_size(d->keys->log2_size, d->keys->kind);
    return size;
}
inline void label_in_dict(const void* body, std::size_t index, std::string& label) {
    auto* const d = static_cast<dict_body*>(const_cast<void*>(body));
    const bool general = d->values == nullptr && !d->keys->has_strings();
    const auto entry = static_cast<std::int64_t>(general ? index / 2 : index);
    const object& key = general ? d->keys->general()[entry].key : d->keys->strings()[entry].key;
    label += general && index % 2 == 0 ? ".key[" : "[";
    append_plain_repr(key, label);
    label += ']';
}
inline void tables_of_dict(const void* body, table_visitor& visitor) {
    const auto* const d = static_cast<const dict_body*>(body);
    if (d->values != nullptr) {
        visitor.table(d->values, d->values->room * sizeof(object), true);
        visitor.table(d->values, split_values::block_size(d->values->room) - d->values->room * sizeof(object), false);
    }
    if (d->keys != &no_keys.keys && d->keys->references == 1)
        visitor.table(d->keys, keys_block_size(d->keys->log2_size, d->keys->kind), true);
}
inline void visit_names_of_dict(const void* body, edge_visitor& visitor) {
    auto* const d = static_cast<dict_body*>(const_cast<void*>(body));
    if (d->values == nullptr && !d->keys->has_strings()) return;
    d->each_item([&](const object& key, const object&) { visitor(key.reference()); });
}
KRAIT_OBJECT_DECL void fail_key(const object& key) { throw key_error(repr(key)); }

} // namespace detail

KRAIT_OBJECT_DECL dict::dict(std::initializer_list<std::pair<object, object>> items) : dict() {
    constexpr int most_log2 = 17;
    if (items.size() > static_cast<std::size_t>(detail::usable_of(8))) {
        bool strings = true;
        for (const auto& pair : items) strings &= pair.first.kind() == value_kind::string;
        const auto count = static_cast<std::int64_t>(items.size());
        const int log2 =
            count > detail::usable_of(std::size_t{1} << most_log2) ? most_log2 : detail::log2_for_entries(count);
        body()->keys = detail::new_keys(log2, strings ? detail::keys_kind::strings : detail::keys_kind::general);
    }
    for (const auto& [key, value] : items) set(key, value);
}
KRAIT_OBJECT_DECL dict dict::of(const object& o) {
    if (o.kind() != value_kind::dict) detail::fail_kind("dict", o);
    return dict(o, 0);
}
KRAIT_OBJECT_DECL object dict::pop(const object& key) const {
    object gone = pop(key, object());
    if (!gone) detail::fail_key(key);
    return gone;
}
KRAIT_OBJECT_DECL object dict::pop(const object& key, const object& otherwise) const {
    if (empty()) return otherwise; // even if the key is unhashable
    const dict held = *this;
    const object key_held = key, otherwise_held = otherwise;
    const detail::hash_type hash = detail::hash_of(key_held);
    const std::int64_t i = held.body()->find(key_held, hash);
    return i == detail::no_entry ? otherwise_held : held.body()->erase(i, hash);
}
KRAIT_OBJECT_DECL void dict::erase(const object& key) const {
    const dict held = *this;
    const object key_held = key;
    const detail::hash_type hash = detail::hash_of(key_held);
    const std::int64_t i = held.body()->find(key_held, hash);
    if (i == detail::no_entry) detail::fail_key(key_held);
    const object gone = held.body()->erase(i, hash);
}
KRAIT_OBJECT_DECL object dict::setdefault(const object& key, const object& value) const {
    const dict held = *this;
    const object key_held = key, value_held = value;
    const detail::hash_type hash = detail::hash_of(key_held);
    const std::int64_t i = held.body()->find(key_held, hash);
    if (i != detail::no_entry) return *held.body()->value(i);
    held.body()->set(key_held, hash, value_held);
    return value_held;
}
KRAIT_OBJECT_DECL dict dict::copy() const {
    const dict made;
    const detail::dict_body* const from = body();
    if (from->values == nullptr && from->used != 0 && from->used >= from->keys->entries * 2 / 3)
        made.body()->copy_table(*from);
    else
        made.update(*this);
    return made;
}
KRAIT_OBJECT_DECL void dict::update(const dict& other) const {
    if (is(other)) return;
    if (body()->is_updated_by_copy(*other.body())) return body()->copy_table(*other.body());
    const dict held = *this, from = other;
    const std::int64_t entries = from.body()->keys->entries;
    from.body()->each_held([&](const object& key, const object& value, detail::hash_type hash) {
        if (key.kind() != value_kind::string || !held.body()->set_quickly(key, hash, value))
            held.body()->set(key, hash, value);
        if (from.body()->keys->entries != entries) throw state_error("dict mutated during update");
    });
}
KRAIT_OBJECT_DECL list dict::keys() const {
    list result;
    for (const auto& [key, value] : *this) result.append(key);
    return result;
}
KRAIT_OBJECT_DECL list dict::values() const {
    list result;
    for (const auto& [key, value] : *this) result.append(value);
    return result;
}
KRAIT_OBJECT_DECL list dict::items() const {
    list result;
    for (const auto& [key, value] : *this) result.append(tuple{key, value});
    return result;
}
[[gnu::noinline]] KRAIT_OBJECT_DECL void dict::set_any(const object& key, const object& value) const {
    const dict held = *this;
    const object key_held = key, value_held = value;
    held.body()->set(key_held, detail::hash_of(key_held), value_held);
}
[[gnu::noinline]] KRAIT_OBJECT_DECL object dict::get_any(const object& key) const {
    const dict held = *this;
    const object key_held = key;
    const std::int64_t i = held.body()->find(key_held, detail::hash_of(key_held));
    return i == detail::no_entry ? object() : *held.body()->value(i);
}

namespace detail {

KRAIT_OBJECT_DECL constinit const type_record keys_blocks =
    parking_record("dict keys", keys_block_size(smallest_log2, keys_kind::strings), 80);
constexpr value_record make_dict_record() {
    value_record record = container_record<dict_body>(value_kind::dict, "dict", destroy_dict,
                                                      {hash_never, equal_dict, repr_dict, size_of_dict});
    record.untracks = untracks_dict;
    record.label = label_in_dict;
    record.tables = tables_of_dict;
    record.visit_names = visit_names_of_dict;
    return record;
}
KRAIT_OBJECT_DECL constinit const value_record dict_record = make_dict_record();
KRAIT_OBJECT_DECL constinit const type_record dict_blocks =
    parking_record("dict", container_offset + sizeof(dict_body), 80);

} // namespace detail

} // namespace krait
