// dict: insertion-ordered, compact: a sparse table of small indices, and a dense array of entries.
//
//   |links|head| used 8 | changes 8 | keys 8 | values 8 |: 64 bytes
//   keys:  | references 8 | sizes, kind 8 | usable 8 | entries 8 | indices, 1, 2 or 4 bytes each | entries |
//   an entry has 16 bytes (key, value) while all keys are strings, which know their hash, and 24 otherwise
//
//   indices        -1 empty, -2 deleted, else the entry's place
//   usable         entries that may be added before the table must grow: two thirds of the indices, less entries
//   used           entries with a value
//   split          the keys are those of a class, shared by its instances; the values are in a block of their own,
//                  which has their order. Only attributes are ever added to shared keys
//   A table grows to three times what is used, as CPython's, so that sizes agree.
//
// Untracked while it holds only what is untracked; a full run lets it leave the lists again. Free lists keep up to 80
// dicts and 80 tables of the smallest kind.
#pragma once

#include <bit>
#include <cstring>
#include <initializer_list>
#include <utility>

#include <krait/object/value/list.hpp>
#include <krait/object/value/str.hpp>

namespace krait {
namespace detail {

struct dict_entry {
    hash_type hash;
    object key;
    object value;
};
struct str_entry {
    object key;
    object value;
};

enum class keys_kind : std::uint8_t { general, strings, split };

struct dict_keys {
    std::int64_t references;
    std::uint8_t log2_size;
    std::uint8_t log2_index_size; // bytes of all indices
    keys_kind kind;
    std::uint8_t unused[5];
    std::int64_t usable;
    std::int64_t entries;

    std::size_t size() const noexcept { return std::size_t{1} << log2_size; }
    char* indices() noexcept { return static_cast<char*>(static_cast<void*>(this + 1)); }
    const char* indices() const noexcept { return const_cast<dict_keys*>(this)->indices(); }
    void* first_entry() noexcept { return indices() + (std::size_t{1} << log2_index_size); }

    std::int64_t index(std::size_t slot) const noexcept {
        if (log2_size < 8) return static_cast<const signed char*>(static_cast<const void*>(indices()))[slot];
        return wide_index(slot);
    }
    std::int64_t wide_index(std::size_t slot) const noexcept {
        if (log2_size < 16) {
            std::int16_t index;
            std::memcpy(&index, indices() + 2 * slot, sizeof index);
            return index;
        }
        std::int32_t index;
        std::memcpy(&index, indices() + 4 * slot, sizeof index);
        return index;
    }
    void set_index(std::size_t slot, std::int64_t value) noexcept {
        if (log2_size < 8) {
            indices()[slot] = static_cast<char>(value);
        } else if (log2_size < 16) {
            const auto index = static_cast<std::int16_t>(value);
            std::memcpy(indices() + 2 * slot, &index, sizeof index);
        } else {
            const auto index = static_cast<std::int32_t>(value);
            std::memcpy(indices() + 4 * slot, &index, sizeof index);
        }
    }
    bool has_strings() const noexcept { return kind != keys_kind::general; }
    dict_entry* general() noexcept { return static_cast<dict_entry*>(first_entry()); }
    str_entry* strings() noexcept { return static_cast<str_entry*>(first_entry()); }
    object& key(std::int64_t i) noexcept { return has_strings() ? strings()[i].key : general()[i].key; }
    object& value(std::int64_t i) noexcept { return has_strings() ? strings()[i].value : general()[i].value; }
    hash_type hash(std::int64_t i) noexcept {
        return has_strings() ? body<str_body>(strings()[i].key)->hash : general()[i].hash;
    }
};
static_assert(sizeof(dict_keys) == 32 && sizeof(dict_entry) == 24 && sizeof(str_entry) == 16);

constexpr std::int64_t usable_of(std::size_t size) noexcept { return static_cast<std::int64_t>((size << 1) / 3); }
inline constexpr int smallest_log2 = 3;
// The least table of at least so many indices.
constexpr int log2_for(std::int64_t size) noexcept {
    return static_cast<int>(std::bit_width(((static_cast<std::uint64_t>(size) | 8) - 1) | 7));
}
// The least table in which so many entries fit.
constexpr int log2_for_entries(std::int64_t entries) noexcept { return log2_for((entries * 3 + 1) / 2); }

constexpr int log2_of_indices(int log2_size) noexcept {
    return log2_size < 8 ? log2_size : log2_size < 16 ? log2_size + 1 : log2_size + 2;
}
constexpr std::size_t keys_block_size(int log2_size, keys_kind kind) noexcept {
    return sizeof(dict_keys) + (std::size_t{1} << log2_of_indices(log2_size)) +
           static_cast<std::size_t>(usable_of(std::size_t{1} << log2_size)) *
               (kind == keys_kind::general ? sizeof(dict_entry) : sizeof(str_entry));
}

// What a new dict has: no room for anything.
struct empty_dict_keys {
    dict_keys keys{1, 0, 3, keys_kind::strings, {}, 0, 0};
    char indices[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
};
inline constinit empty_dict_keys no_keys{};
extern const type_record keys_blocks;
inline constinit thread_local parking parked_keys{};
inline constinit thread_local parking parked_dicts{};

// A table without entries in the block.
[[gnu::always_inline]] inline dict_keys* write_keys(void* block, int log2_size, keys_kind kind) noexcept {
    auto* const keys = static_cast<dict_keys*>(block);
    const int log2_index_size = log2_of_indices(log2_size);
    *keys = {1,
             static_cast<std::uint8_t>(log2_size),
             static_cast<std::uint8_t>(log2_index_size),
             kind,
             {},
             usable_of(std::size_t{1} << log2_size),
             0};
    std::memset(keys->indices(), -1, std::size_t{1} << log2_index_size);
    return keys;
}
// The smallest, for strings: what most dicts have.
inline dict_keys* new_small_keys() {
    void* block = parked_keys.take(keys_blocks);
    if (block == nullptr) block = new_block(keys_block_size(smallest_log2, keys_kind::strings));
    return write_keys(block, smallest_log2, keys_kind::strings);
}
dict_keys* new_keys(int log2_size, keys_kind kind);

struct table_probe {
    std::size_t mask;
    std::size_t slot;
    std::size_t perturb;
    table_probe(const dict_keys* keys, hash_type hash) noexcept
        : mask(keys->size() - 1), slot(static_cast<std::size_t>(hash) & mask), perturb(static_cast<std::size_t>(hash)) {
    }
    void next() noexcept {
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & mask;
    }
};

inline constexpr std::int64_t no_entry = -1;

inline bool is_key(const str_entry& entry, const str_body* wanted, hash_type hash) noexcept {
    const auto* const there = body<const str_body>(entry.key);
    return there == wanted || (there->hash == hash && equal_strs(there, wanted));
}
// Among strings only: runs no code of others.
inline std::int64_t find_str(dict_keys* keys, const void* key, hash_type hash) noexcept {
    const auto* const wanted = static_cast<const str_body*>(key);
    const str_entry* const entries = keys->strings();
    for (table_probe p(keys, hash);; p.next()) {
        const std::int64_t i = keys->index(p.slot);
        if (i >= 0 && is_key(entries[i], wanted, hash)) return i;
        if (i == -1) return no_entry;
    }
}
// The same; and if it is not there, `slot` is where it would go: the first that is free.
inline std::int64_t find_str(dict_keys* keys, const void* key, hash_type hash, std::size_t& slot) noexcept {
    const auto* const wanted = static_cast<const str_body*>(key);
    const str_entry* const entries = keys->strings();
    table_probe p(keys, hash);
    std::int64_t i = keys->index(p.slot);
    for (; i >= 0; p.next(), i = keys->index(p.slot))
        if (is_key(entries[i], wanted, hash)) return i;
    slot = p.slot;
    for (;; p.next(), i = keys->index(p.slot)) {
        if (i >= 0 && is_key(entries[i], wanted, hash)) return i;
        if (i == -1) return no_entry;
    }
}

inline std::size_t free_slot(const dict_keys* keys, hash_type hash) noexcept {
    table_probe p(keys, hash);
    while (keys->index(p.slot) >= 0) p.next();
    return p.slot;
}
std::size_t slot_of(const dict_keys* keys, hash_type hash, std::int64_t entry) noexcept;

// The values of split keys, and the order in which they were set.
//
//   |room 1|used 1|first_order 6| room values |order, room bytes|     the last part only if room > 6
inline constexpr std::int64_t most_shared_keys = 30;
inline constexpr int shared_log2 = 6;
struct split_values {
    static constexpr std::size_t short_order = 6;
    std::uint8_t room;
    std::uint8_t used;
    std::uint8_t first_order[short_order];

    static std::size_t block_size(std::size_t room) noexcept {
        return sizeof(split_values) + room * sizeof(object) + (room > short_order ? room : 0);
    }
    object* items() noexcept { return static_cast<object*>(static_cast<void*>(this + 1)); }
    std::uint8_t* order() noexcept {
        return room <= short_order ? first_order : static_cast<std::uint8_t*>(static_cast<void*>(items() + room));
    }
    // Null if the entry has no place here.
    object* at(std::int64_t entry) noexcept { return entry < room ? items() + entry : nullptr; }
    void forget(std::int64_t entry) noexcept;
    static split_values* with_room(split_values* old, std::int64_t room);
    void drop() noexcept;
};

struct dict_body {
    std::int64_t used;
    std::uint64_t changes; // entries added or removed: iterations look; and new_table for each new table
    dict_keys* keys;
    split_values* values;

    static constexpr std::uint64_t new_table = std::uint64_t{1} << 40;

    // Of an entry that find() has found.
    object* value(std::int64_t i) noexcept { return values != nullptr ? values->items() + i : &keys->value(i); }
    template <class F>
    void each(F&& f) {
        if (values != nullptr) {
            for (std::size_t i = 0; i < values->room; ++i) f(values->items()[i]);
        } else if (keys->has_strings()) { // strings lead nowhere
            for (std::int64_t i = 0; i < keys->entries; ++i) f(keys->strings()[i].value);
        } else {
            for (std::int64_t i = 0; i < keys->entries; ++i) {
                f(keys->general()[i].key);
                f(keys->general()[i].value);
            }
        }
    }
    template <class F>
    void each_reached(F&& f) {
        if (values != nullptr || keys->has_strings()) return each(f);
        for (std::int64_t i = 0; i < keys->entries; ++i) {
            f(keys->general()[i].value);
            f(keys->general()[i].key);
        }
    }
    void clear() noexcept;

    // Calls f(key, value) in order; f must not change the dict.
    template <class F>
    void each_item(F&& f) {
        if (values != nullptr) {
            for (std::size_t i = 0; i < values->used; ++i) {
                const std::int64_t entry = values->order()[i];
                f(keys->key(entry), values->items()[entry]);
            }
        } else {
            for (std::int64_t i = 0; i < keys->entries; ++i)
                if (object& v = keys->value(i)) f(keys->key(i), v);
        }
    }
    // The item at or after the position; advances it. False at the end.
    bool next(std::int64_t& position, object*& key, object*& item) noexcept {
        const std::int64_t i = next_entry(position);
        if (i == no_entry) return false;
        key = &keys->key(i);
        item = value(i);
        return true;
    }
    std::int64_t next_entry(std::int64_t& position) noexcept {
        if (values != nullptr) return position < values->used ? values->order()[position++] : no_entry;
        while (position < keys->entries)
            if (const std::int64_t i = position++; keys->value(i)) return i;
        return no_entry;
    }
    // Calls f(key, value, hash) in order, with what f may drop held. f may change the dict: then the walk goes on in
    // what it is now.
    template <class F>
    void each_held(F&& f) {
        for (std::int64_t position = 0, i; (i = next_entry(position)) != no_entry;) {
            const object key = keys->key(i), item = *value(i);
            f(key, item, keys->hash(i));
        }
    }

    // May run code of others, if the dict has keys other than strings: the caller holds the dict and the key.
    std::int64_t find(const object& key, hash_type hash);
    // Among keys of all kinds. A comparison may run code of others that gives the dict another table, even one of
    // strings, or another key in this place: then everything starts again, as in CPython.
    static constexpr std::int64_t found_changes = -2;
    std::int64_t find_general(const object& key, hash_type hash);

    // Of strings, in a table where none are written yet.
    template <class Index>
    static void write_indices(dict_keys* table, Index* indices) noexcept {
        const str_entry* const entries = table->strings();
        const std::int64_t count = table->entries;
        for (std::int64_t i = 0; i < count; ++i) {
            table_probe p(table, body<str_body>(entries[i].key)->hash);
            while (indices[p.slot] >= 0) p.next();
            indices[p.slot] = static_cast<Index>(i);
        }
    }
    // All strings, none of them erased: the entries go over as they are.
    void rebuild_strings(int log2_size);
    // Into a table of its own, of this size and kind.
    void rebuild(int log2_size, keys_kind kind);
    // The other's table, holes and all, for a dict without entries: nothing is hashed again or compared.
    void copy_table(const dict_body& other);
    // Whether CPython copies the table so where a dict without entries is updated by the other.
    bool is_updated_by_copy(const dict_body& other) const noexcept;
    void own_keys();

    // A string in a small table, its first place free, or its own: what most keys of most dicts are. False if it is
    // another.
    [[gnu::always_inline]] bool set_in_first_place(const object& key, hash_type hash, const object& item) {
        if (keys == &no_keys.keys) keys = new_small_keys();
        dict_keys* const table = keys;
        if (table->kind != keys_kind::strings || table->log2_size >= 8 || !item) return false;
        const std::size_t size = table->size();
        char* const place = table->indices() + (static_cast<std::size_t>(hash) & (size - 1));
        auto* const entries = static_cast<str_entry*>(static_cast<void*>(table->indices() + size));
        const std::int64_t i = static_cast<signed char>(*place);
        if (i >= 0 ? !entries[i].key.is(key) : i != no_entry || table->usable <= 0) return false;
        if (!is_tracked(head_of(this)) && may_be_tracked(item)) track(this);
        if (i >= 0) {
            object old = item;
            entries[i].value.swap(old);
        } else {
            *place = static_cast<char>(table->entries);
            ::new (entries + table->entries) str_entry{key, item};
            count_new();
        }
        return true;
    }
    // A string that is there, or for which there is room.
    bool set_str(const object& key, hash_type hash, const object& item);
    bool set_quickly(const object& key, hash_type hash, const object& item) {
        return set_in_first_place(key, hash, item) || set_str(key, hash, item);
    }
    void count_new() noexcept {
        ++keys->entries;
        --keys->usable;
        ++used;
        ++changes;
    }
    // The caller holds all three.
    void set(const object& key, hash_type hash, const object& item);
    void add(const object& key, hash_type hash, const object& item);
    // The key goes last.
    object erase(std::int64_t i, hash_type hash);
};

extern const value_record dict_record;

extern const type_record dict_blocks;

inline object new_dict() {
    void* block = parked_dicts.take(dict_blocks);
    if (block == nullptr) block = new_container_block(container_offset + sizeof(dict_body));
    auto* const d = begin_container<dict_body>(block, dict_record);
    *d = {0, 0, &no_keys.keys, nullptr};
    return adopt(d);
}

[[noreturn, gnu::cold]] void fail_key(const object& key);

} // namespace detail

class dict : public object {
  public:
    dict() : object(detail::new_dict()) {}
    // As a dict display: room for all of them from the start.
    dict(std::initializer_list<std::pair<object, object>> items);
    // The dict that the object is. Throws type_error.
    static dict of(const object& o);

    std::size_t size() const noexcept { return static_cast<std::size_t>(body()->used); }
    bool empty() const noexcept { return size() == 0; }
    // All that take a key throw type_error for one that is unhashable.
    void set(const object& key, const object& value) const {
        detail::str_body* const s = detail::as_str(key);
        if (s != nullptr && body()->set_quickly(key, detail::hash_of_str(s), value)) [[likely]]
            return;
        set_any(key, value);
    }
    // Unset if there is none.
    object get(const object& key) const {
        detail::str_body* const s = detail::as_str(key);
        if (s != nullptr && body()->keys->kind == detail::keys_kind::strings) [[likely]] {
            const std::int64_t i = detail::find_str(body()->keys, s, detail::hash_of_str(s));
            return i == detail::no_entry ? object() : body()->keys->strings()[i].value;
        }
        return get_any(key);
    }
    object get(const object& key, const object& otherwise) const {
        object found = get(key);
        return found ? found : otherwise;
    }
    // Throws key_error.
    object at(const object& key) const {
        object found = get(key);
        if (!found) detail::fail_key(key);
        return found;
    }
    bool contains(const object& key) const { return static_cast<bool>(get(key)); }
    // Throws key_error.
    object pop(const object& key) const;
    object pop(const object& key, const object& otherwise) const;
    void erase(const object& key) const;
    void clear() const noexcept { body()->clear(); }
    object setdefault(const object& key, const object& value) const;
    // Another dict with the same items.
    dict copy() const;
    // Hashes nothing again. Throws state_error if a comparison changes the other dict.
    void update(const dict& other) const;

    // d[key] = value, and reading it.
    class item {
      public:
        operator object() const { return dict(of_, 0).at(key_); }
        const item& operator=(const object& value) const {
            dict(of_, 0).set(key_, value);
            return *this;
        }
        const item& operator=(const item& other) const { return *this = object(other); } // NOLINT

      private:
        friend dict;
        item(const dict& of, object key) : of_(of), key_(std::move(key)) {}
        object of_;
        object key_;
    };
    item operator[](object key) const { return item(*this, std::move(key)); }

    // In order of insertion. A dict that has got or lost keys since throws state_error.
    class iterator {
      public:
        struct end {};
        explicit iterator(const dict& d) : body_(d.body()), changes_(body_->changes), kept_(d) { advance(); }
        std::pair<object, object> operator*() const {
            check();
            return {*key_, *value_};
        }
        iterator& operator++() {
            advance();
            return *this;
        }
        friend bool operator==(const iterator& i, end) noexcept { return i.done_; }

      private:
        void check() const {
            if (changes_ != body_->changes) detail::fail_changed("dictionary changed size during iteration");
        }
        void advance() {
            check();
            done_ = !body_->next(position_, key_, value_);
        }
        detail::dict_body* body_;
        std::uint64_t changes_;
        object kept_;
        std::int64_t position_ = 0;
        object* key_ = nullptr;
        object* value_ = nullptr;
        bool done_ = false;
    };
    iterator begin() const { return iterator(*this); }
    iterator::end end() const noexcept { return {}; }
    list keys() const;
    list values() const;
    list items() const;

  private:
    // By keys of any kind, out of line. Hashes and comparisons may run code of others, which may drop all three.
    void set_any(const object& key, const object& value) const;
    object get_any(const object& key) const;
    dict(const object& o, int) : object(o) {}
    detail::dict_body* body() const noexcept { return detail::body<detail::dict_body>(*this); }
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/dict.hpp>
#endif
