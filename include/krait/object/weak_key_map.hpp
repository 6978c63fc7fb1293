// weak_key_map: object -> value, by identity; the value lives no longer than its key, even if it refers to the key.
//
// An ephemeron, where CPython's WeakKeyDictionary would keep both for ever: the value hangs on the key, so that the
// collector sees it as one of the key's own references. A value that holds references needs a key type that is tracked.
// Names and meanings are WeakKeyDictionary's otherwise; what it calls KeyError is std::out_of_range here, and map[key]
// makes a value, as a std::map does. While a map is iterated, keys may die and entries be erased; new keys and clear()
// end the iteration by an exception.
//
//   entries[head] == what is attached to the key, which has that head; null if vacant
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <krait/object/visitors.hpp>
#include <krait/object/weak.hpp>
#include <krait/object/weak_iteration.hpp>

namespace krait {

template <class K, class V>
class weak_key_map {
    struct attached;
    struct table : detail::weak_table {
        using map = std::unordered_map<detail::object_head*, attached*>;
        map entries;

        static ref<K> hold(const typename map::value_type& entry) noexcept {
            if (entry.second == nullptr || !detail::is_reachable(entry.first)) return {};
            return detail::ref_access::copy(static_cast<K*>(detail::object_of(entry.first)));
        }
        void vacate(typename map::iterator entry) noexcept {
            if (iterating != 0) {
                ++vacant;
                entry->second = nullptr;
            } else {
                entries.erase(entry);
            }
        }
        void take_out_vacant() noexcept {
            std::erase_if(entries, [](const auto& entry) { return entry.second == nullptr; });
            vacant = 0;
        }
    };
    struct attached final : detail::attachment {
        table* home; // lives: when the map goes, its values leave their keys
        detail::object_head* key;
        V value;

        attached(table& t, detail::object_head* k, V&& v) : home(&t), key(k), value(std::move(v)) {}

        void subtract(detail::examined_set set) noexcept override {
            detail::subtract_visitor visitor{set};
            detail::walk<detail::what::counted>(visitor, value);
        }
        void reach(detail::gc_links& reachable) noexcept override {
            detail::reach_visitor visitor{reachable};
            detail::walk<detail::what::counted>(visitor, value);
        }
        void visit(detail::edge_visitor& visitor) override { detail::walk<detail::what::counted>(visitor, value); }
        void visit_weak(detail::weak_visitor& visitor) override { detail::walk<detail::what::weak>(visitor, value); }
        void leave_map() noexcept override { home->vacate(home->entries.find(key)); }
        void destroy() noexcept override { delete this; }
        // The map lets go of a key that lives on.
        void take_off() noexcept {
            detail::weak_cell* const cell = detail::cell_of(key);
            if (cell == nullptr) return;
            detail::attachment** link = &cell->attachments;
            while (*link != nullptr && *link != this) link = &(*link)->next;
            if (*link != nullptr) *link = this->next;
        }
    };
    struct select_item {
        static std::pair<ref<K>, V&> from(const typename table::map::value_type& entry, const ref<K>& held) {
            return {held, entry.second->value};
        }
    };
    struct select_key {
        static ref<K> from(const typename table::map::value_type&, const ref<K>& held) { return held; }
    };
    struct select_value {
        static V& from(const typename table::map::value_type& entry, const ref<K>&) { return entry.second->value; }
    };

  public:
    using krait_thread_bound = void;
    using iterator = detail::weak_iterator<table, select_item>; // shows std::pair<ref<K>, V&>

    // The types are judged where a map is made, so that a class may have a map of itself as a field.
    weak_key_map() {
        using seen [[maybe_unused]] = decltype(detail::check_inside<weak_key_map, V>());
        static_assert(!detail::holds_refs<V> || detail::may_hang_on<K, V>,
                      "krait: the value may lead back to its key, and the types of the key's fields do not tell: say "
                      "`using krait_cyclic = void;` in the key's type");
    }
    weak_key_map(weak_key_map&&) noexcept = default;
    weak_key_map& operator=(weak_key_map&& other) noexcept {
        weak_key_map old(std::move(other));
        table_.swap(old.table_);
        return *this;
    }
    ~weak_key_map() { clear(); }
    weak_key_map copy() const requires std::is_copy_constructible_v<V> {
        weak_key_map result;
        result.update(*this);
        return result;
    }

    // Adds or replaces. Throws std::bad_alloc, what moving the value throws, std::invalid_argument for a null key.
    void insert(const ref<K>& key, V value) {
        if (attached* const found = find_attached(key)) {
            [[maybe_unused]] const V old = std::exchange(found->value, std::move(value)); // dropped last
            return;
        }
        attach(key, std::move(value));
    }
    // The value, until the key dies or its entry goes; null if there is none.
    V* find(const ref<K>& key) const noexcept {
        attached* const found = find_attached(key);
        return found == nullptr ? nullptr : &found->value;
    }
    // Throws std::out_of_range if there is none.
    V& at(const ref<K>& key) const {
        if (V* const found = find(key)) return *found;
        throw std::out_of_range("weak_key_map: no such key");
    }
    // A copy of the value, or what is given instead.
    V get(const ref<K>& key, V otherwise) const {
        V* const found = find(key);
        return found == nullptr ? std::move(otherwise) : *found;
    }
    bool contains(const ref<K>& key) const noexcept { return find(key) != nullptr; }
    // The value; if there is none, a new V{}, or the given one, which is inserted.
    V& operator[](const ref<K>& key) {
        if (V* const found = find(key)) return *found;
        return attach(key, V{});
    }
    V& setdefault(const ref<K>& key, V value) {
        if (V* const found = find(key)) return *found;
        return attach(key, std::move(value));
    }

    bool erase(const ref<K>& key) noexcept { return take_out(find_attached(key)) != nullptr; }
    // Takes the entry out; throws std::out_of_range if there is none and nothing is given instead.
    V pop(const ref<K>& key) {
        if (const auto gone = take_out(find_attached(key))) return std::move(gone->value);
        throw std::out_of_range("weak_key_map: no such key");
    }
    V pop(const ref<K>& key, V otherwise) {
        if (const auto gone = take_out(find_attached(key))) return std::move(gone->value);
        return otherwise;
    }
    // Takes any entry out; throws std::out_of_range if there is none.
    std::pair<ref<K>, V> popitem() {
        const auto first = keys().begin();
        if (first == std::default_sentinel) throw std::out_of_range("popitem() of an empty weak_key_map");
        ref<K> key = *first;
        V value = pop(key);
        return {std::move(key), std::move(value)};
    }
    // Inserts all pairs of a range, a weak_key_map, a std::map with references as its keys.
    template <class Pairs>
    void update(const Pairs& pairs) {
        for (const auto& [key, value] : pairs) insert(key, value);
    }
    void update(std::initializer_list<std::pair<ref<K>, V>> pairs) {
        for (const auto& [key, value] : pairs) insert(key, value);
    }
    // All of the left map, replaced and added to by those of the right one.
    template <class Pairs>
    weak_key_map& operator|=(const Pairs& pairs) {
        update(pairs);
        return *this;
    }
    template <class Pairs>
    friend weak_key_map operator|(const weak_key_map& map, const Pairs& pairs) {
        weak_key_map result = map.copy();
        result.update(pairs);
        return result;
    }

    std::size_t size() const noexcept { return table_ ? table_->entries.size() - table_->vacant : 0; }
    bool empty() const noexcept { return size() == 0; }
    void clear() noexcept {
        if (!table_) return;
        ++table_->changes;
        table_->vacant = 0;
        const auto old = std::exchange(table_->entries, {});
        for (const auto& [key, entry] : old)
            if (entry != nullptr) entry->take_off();
        for (const auto& [key, entry] : old) delete entry; // values that go may reach this map
    }

    // Living entries: for (auto [key, value] : map), where value is a reference to the V in the map.
    iterator begin() const { return iterator(table_); }
    std::default_sentinel_t end() const noexcept { return {}; }
    auto keys() const { return detail::weak_view<table, select_key>(table_); }
    auto values() const { return detail::weak_view<table, select_value>(table_); }
    std::vector<weak<K>> keyrefs() const {
        std::vector<weak<K>> references;
        for (const auto& key : keys()) references.emplace_back(key);
        return references;
    }
    // Calls f(ref<K>, V&) for each entry.
    template <class F>
    void for_each(F&& f) const {
        for (auto&& [key, value] : *this) f(std::move(key), value);
    }

  private:
    attached* find_attached(const ref<K>& key) const noexcept {
        if (!table_) return nullptr;
        const auto found = table_->entries.find(detail::ref_access::head(key));
        return found == table_->entries.end() ? nullptr : found->second;
    }
    V& attach(const ref<K>& key, V value) {
        detail::object_head* const head = detail::ref_access::head(key);
        if (head == nullptr) throw std::invalid_argument("a null reference cannot be a weak key");
        if (!table_) table_ = std::make_shared<table>();
        auto made = std::make_unique<attached>(*table_, head, std::move(value));
        detail::weak_cell* const cell = detail::ensure_cell(head);
        const auto [at, is_new] = table_->entries.try_emplace(head);
        is_new ? ++table_->changes : --table_->vacant;
        made->next = cell->attachments;
        cell->attachments = at->second = made.get();
        return made.release()->value;
    }
    std::unique_ptr<attached> take_out(attached* entry) noexcept {
        if (entry != nullptr) {
            table_->vacate(table_->entries.find(entry->key));
            entry->take_off();
        }
        return std::unique_ptr<attached>(entry);
    }

    std::shared_ptr<table> table_; // null until there is something in it
    KRAIT_FIELDS();
};

} // namespace krait
