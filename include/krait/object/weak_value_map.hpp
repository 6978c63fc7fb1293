// weak_value_map: key -> object, where an object's death removes its entry. weak_set: a set of objects, by identity.
//
// CPython's WeakValueDictionary and WeakSet: what they call KeyError is std::out_of_range here. While a map is
// iterated, objects may die and entries be replaced or erased; new keys and clear() end the iteration by an exception.
//
//   entries[key] == a weak reference whose callback removes the entry, if it still is the entry's own; null if vacant
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include <krait/object/parts.hpp>
#include <krait/object/weak.hpp>
#include <krait/object/weak_iteration.hpp>

namespace krait {

template <class Key, class T, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
class weak_value_map {
    struct table : detail::weak_table {
        using map = std::unordered_map<Key, weak<T>, Hash, Equal>;
        map entries;

        static ref<T> hold(const typename map::value_type& entry) noexcept { return entry.second.lock(); }

        void vacate(typename map::iterator entry) {
            if (iterating != 0) {
                ++vacant;
                entry->second = {};
            } else {
                const auto gone = entries.extract(entry); // destroyed when the map is whole again
            }
        }
        void remove(const Key& key, const weak<T>& expired) {
            if (const auto found = find_or_search(key, expired); found != entries.end() && found->second == expired)
                vacate(found);
        }
        // Hash or Equal may throw, and the object dies all the same: then every entry is looked at.
        auto find_or_search(const Key& key, const weak<T>& expired) {
            try {
                return entries.find(key);
            } catch (...) {
                auto entry = entries.begin();
                while (entry != entries.end() && !(entry->second == expired)) ++entry;
                return entry;
            }
        }
        void take_out_vacant() noexcept {
            std::vector<typename map::node_type> gone; // destroyed when the map is whole again
            try {
                gone.reserve(vacant);
            } catch (...) {
                return; // no memory: they stay, vacant
            }
            for (auto entry = entries.begin(); entry != entries.end();)
                if (const auto here = entry++; here->second == weak<T>{}) gone.push_back(entries.extract(here));
            vacant = 0;
        }
    };
    struct select_item {
        static std::pair<const Key&, ref<T>> from(const typename table::map::value_type& entry, const ref<T>& held) {
            return {entry.first, held};
        }
    };
    struct select_key {
        static const Key& from(const typename table::map::value_type& entry, const ref<T>&) { return entry.first; }
    };
    struct select_value {
        static ref<T> from(const typename table::map::value_type&, const ref<T>& held) { return held; }
    };

  public:
    using krait_thread_bound = void;
    using iterator = detail::weak_iterator<table, select_item>; // shows std::pair<const Key&, ref<T>>

    weak_value_map() noexcept = default;
    weak_value_map(weak_value_map&&) noexcept = default;
    weak_value_map& operator=(weak_value_map&&) noexcept = default;
    weak_value_map copy() const {
        weak_value_map result;
        result.update(*this);
        return result;
    }

    // Adds or replaces. Throws std::bad_alloc, what copying the key throws, std::invalid_argument for a null object.
    void insert(const Key& key, const ref<T>& object) {
        if (!object) throw std::invalid_argument("a null reference cannot be a weak value");
        if (!table_) table_ = std::make_shared<table>();
        const auto home = table_; // the callbacks that go may reach this map
        weak<T> entry(object, [table = std::weak_ptr(home), key](weak<T>& expired) {
            if (const auto t = table.lock()) t->remove(key, expired);
        });
        const auto [at, is_new] = home->entries.try_emplace(key);
        if (is_new)
            ++home->changes;
        else if (at->second == weak<T>{})
            --home->vacant;
        at->second.swap(entry); // the old one is dropped last
    }

    // Null, or what is given instead, if there is none.
    ref<T> find(const Key& key) const {
        if (!table_) return {};
        const auto found = table_->entries.find(key);
        return found == table_->entries.end() ? ref<T>{} : found->second.lock();
    }
    ref<T> get(const Key& key, ref<T> otherwise) const {
        ref<T> found = find(key);
        return found ? found : otherwise;
    }
    // Throws std::out_of_range if there is none.
    ref<T> at(const Key& key) const {
        if (ref<T> found = find(key)) return found;
        throw std::out_of_range("weak_value_map: no such key, or its object is dead");
    }
    bool contains(const Key& key) const { return static_cast<bool>(find(key)); }

    // map[key] = object is insert(); read, it is at().
    class place {
      public:
        operator ref<T>() const { return map_.at(key_); }
        ref<T> operator->() const { return map_.at(key_); }
        T& operator*() const = delete; // would not keep the object
        place& operator=(const ref<T>& object) {
            map_.insert(key_, object);
            return *this;
        }
        place& operator=(const place& other) { return *this = static_cast<ref<T>>(other); }
        friend bool operator==(const place& a, const ref<T>& b) { return a.map_.at(a.key_) == b; }

      private:
        friend weak_value_map;
        place(weak_value_map& map, const Key& key) : map_(map), key_(key) {}
        place(const place&) = default;

        weak_value_map& map_;
        const Key& key_;
    };
    place operator[](const Key& key) { return place(*this, key); }

    bool erase(const Key& key) {
        if (!table_) return false;
        const auto found = table_->entries.find(key);
        if (found == table_->entries.end() || found->second == weak<T>{}) return false;
        table_->vacate(found);
        return true;
    }
    // Takes the entry out; throws std::out_of_range if there is none and nothing is given instead.
    ref<T> pop(const Key& key) {
        ref<T> found = at(key);
        erase(key);
        return found;
    }
    ref<T> pop(const Key& key, ref<T> otherwise) {
        ref<T> found = find(key);
        erase(key);
        return found ? found : otherwise;
    }
    // Takes any entry out; throws std::out_of_range if there is none.
    std::pair<Key, ref<T>> popitem() {
        const iterator first = begin();
        if (first == end()) throw std::out_of_range("popitem() of an empty weak_value_map");
        std::pair<Key, ref<T>> item = *first;
        erase(item.first);
        return item;
    }
    // The key's object; if there is none, the given one, which is inserted.
    ref<T> setdefault(const Key& key, const ref<T>& object) {
        if (ref<T> found = find(key)) return found;
        insert(key, object);
        return object;
    }
    // Inserts all pairs of a range, a weak_value_map, a std::map of references.
    template <class Pairs>
    void update(const Pairs& pairs) {
        for (const auto& [key, object] : pairs) insert(key, object);
    }
    void update(std::initializer_list<std::pair<Key, ref<T>>> pairs) {
        for (const auto& [key, object] : pairs) insert(key, object);
    }
    // All of the left map, replaced and added to by those of the right one.
    template <class Pairs>
    weak_value_map& operator|=(const Pairs& pairs) {
        update(pairs);
        return *this;
    }
    template <class Pairs>
    friend weak_value_map operator|(const weak_value_map& map, const Pairs& pairs) {
        weak_value_map result = map.copy();
        result.update(pairs);
        return result;
    }

    // Entries of objects that die in a cycle are counted until their callbacks have run.
    std::size_t size() const noexcept { return table_ ? table_->entries.size() - table_->vacant : 0; }
    bool empty() const noexcept { return size() == 0; }
    void clear() {
        if (!table_) return;
        ++table_->changes;
        table_->vacant = 0;
        const auto old = std::exchange(table_->entries, {});
    }

    // Living entries only: for (auto [key, object] : map).
    iterator begin() const { return iterator(table_); }
    std::default_sentinel_t end() const noexcept { return {}; }
    auto keys() const { return detail::weak_view<table, select_key>(table_); }
    auto values() const { return detail::weak_view<table, select_value>(table_); }
    // Does not keep the objects, some of which may be dead.
    std::vector<weak<T>> valuerefs() const {
        std::vector<weak<T>> references;
        if (table_)
            for (const auto& [key, object] : table_->entries)
                if (!(object == weak<T>{})) references.push_back(object);
        return references;
    }
    // Calls f(key, ref<T>) for each living entry.
    template <class F>
    void for_each(F&& f) const {
        for (auto&& [key, object] : *this) f(key, std::move(object));
    }

  private:
    std::shared_ptr<table> table_; // null until there is something in it
};

template <class T>
class weak_set {
  public:
    using krait_thread_bound = void;

    // Whether the object is a new member. Throws std::bad_alloc, std::invalid_argument for a null object.
    bool insert(const ref<T>& object) {
        if (contains(object)) return false;
        entries_.insert(object.get(), object);
        return true;
    }
    bool contains(const ref<T>& object) const { return entries_.contains(object.get()); }
    bool erase(const ref<T>& object) { return entries_.erase(object.get()); }
    // Takes any member out; throws std::out_of_range if there is none.
    ref<T> pop() { return entries_.popitem().second; }
    template <class Objects>
    void update(const Objects& objects) {
        for (const ref<T>& object : objects) insert(object);
    }
    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return size() == 0; }
    void clear() { entries_.clear(); }

    auto begin() const { return entries_.values().begin(); }
    std::default_sentinel_t end() const noexcept { return {}; }
    // Calls f(ref<T>) for each living member.
    template <class F>
    void for_each(F&& f) const {
        for (ref<T> object : *this) f(std::move(object));
    }

  private:
    weak_value_map<const T*, T> entries_;
    KRAIT_FIELDS();
};

// It keeps its keys alive, which are not walked.
template <class Key, class T, class Hash, class Equal>
inline constexpr detail::field_kind detail::kind_of<weak_value_map<Key, T, Hash, Equal>> =
    are_plain(type_list<Key, Hash, Equal>{}) ? field_kind::plain : field_kind::silent;

} // namespace krait
