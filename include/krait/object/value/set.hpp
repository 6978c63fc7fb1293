// set: |links|head| fill 8 | used 8 | mask 8 | table 8 | changes 8 | finger 8 | eight entries of 16 | 8 |: 216 bytes,
// and the table once there are more than eight places.
//
//   entry    key and hash. No key and hash 0: never used. No key and hash -1: was used
//   fill     entries that are or were used; used: those that are
//   fill * 5 < mask * 3, or the table grows fourfold (twofold beyond 50,000), as CPython's
//   changes  of a frozenset, which never changes, its hash, as CPython's; 0: nobody has asked for it yet
//   the last word is CPython's list of weak references; here they meet in the head's cell, and the word is spare
// Sets are tracked from birth. A frozenset is a set that nobody can change. set_algebra.hpp makes sets of sets.
#pragma once

#include <initializer_list>

#include <krait/object/value/list.hpp>

namespace krait {
namespace detail {

struct set_entry {
    object key;
    hash_type hash = 0;
};
inline constexpr std::size_t small_set = 8;
inline constexpr std::size_t set_probes = 9; // neighbours that are looked at before the next jump

struct set_body {
    std::int64_t fill;
    std::int64_t used;
    std::int64_t mask;
    set_entry* table;
    std::uint64_t changes;
    std::int64_t finger;
    set_entry small[small_set];
    std::uint64_t spare;

    std::size_t places() const noexcept { return static_cast<std::size_t>(mask) + 1; }

    template <class F>
    void each(F&& f) {
        for (std::size_t i = 0; i < places(); ++i) f(table[i].key);
    }
    void clear() noexcept;

    // Where the key is, or the first place that was never used; `removed` is the
    // last one on the way that was used once. A comparison may run code of others: then null, to
    // start again, if the set has changed.
    set_entry* look(const object& key, hash_type hash, set_entry*& removed);
    set_entry* find(const object& key, hash_type hash, set_entry** removed = nullptr);

    void insert_clean(set_entry* to, std::size_t m, set_entry& from) noexcept;
    void resize(std::int64_t wanted);
    // Whether it is new.
    bool add(const object& key, hash_type hash);
    bool remove(const object& key, hash_type hash);
};

inline bool is_set(const object& o) noexcept {
    return o.kind() == value_kind::set || o.kind() == value_kind::frozenset;
}
// The hashes of the keys, mixed so that neither their order nor small differences among them matter.
extern const value_record set_record;
extern const value_record frozenset_record;

object new_set(const value_record& record = set_record);

} // namespace detail

class set : public object {
  public:
    set() : object(detail::new_set()) {}
    // All that take a key throw type_error for one that is unhashable.
    set(std::initializer_list<object> keys);
    // The set that the object is. Throws type_error.
    static set of(const object& o);

    std::size_t size() const noexcept { return static_cast<std::size_t>(body()->used); }
    bool empty() const noexcept { return size() == 0; }
    void add(const object& key) const;
    bool contains(const object& key) const;
    void discard(const object& key) const;
    // Throws key_error.
    void remove(const object& key) const;
    // Any of the keys. Throws key_error.
    object pop() const;
    void clear() const noexcept { body()->clear(); }

    // A set that has changed since throws state_error.
    class iterator {
      public:
        struct end {};
        explicit iterator(const set& s) : body_(s.body()), changes_(body_->changes), kept_(s) { settle(); }
        object operator*() const {
            check();
            return body_->table[at_].key;
        }
        iterator& operator++() {
            ++at_;
            settle();
            return *this;
        }
        friend bool operator==(const iterator& i, end) noexcept { return i.at_ >= i.body_->places(); }

      private:
        void check() const {
            if (changes_ != body_->changes) detail::fail_changed("Set changed size during iteration");
        }
        void settle() {
            check();
            while (at_ < body_->places() && !body_->table[at_].key) ++at_;
        }
        detail::set_body* body_;
        std::uint64_t changes_;
        object kept_;
        std::size_t at_ = 0;
    };
    iterator begin() const { return iterator(*this); }
    iterator::end end() const noexcept { return {}; }

  private:
    // Hashes and comparisons may run code of others, which may drop both.
    struct looked_up {
        object held, key;
        detail::set_body* set;
        detail::hash_type hash;
        looked_up(const object& o, const object& k)
            : held(o), key(k), set(detail::body<detail::set_body>(held)), hash(detail::hash_of(key)) {}
    };
    set(const object& o, int) : object(o) {}
    detail::set_body* body() const noexcept { return detail::body<detail::set_body>(*this); }
};

// A set that does not change, and so may be a key.
class frozenset : public object {
  public:
    frozenset(std::initializer_list<object> keys = {});
    // The frozenset that the object is. Throws type_error.
    static frozenset of(const object& o);
    std::size_t size() const noexcept { return static_cast<std::size_t>(body()->used); }
    bool contains(const object& key) const;

  private:
    frozenset(const object& o, int) : object(o) {}
    detail::set_body* body() const noexcept { return detail::body<detail::set_body>(*this); }
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/set.hpp>
#endif
