// Containers that do not keep their objects alive: weak_set, weak_value_map, weak_key_map.
//
// An entry goes when its object does. While for_each() runs, dead entries are skipped and removed at its end, so the
// function it calls may let objects die; it must not change the container otherwise.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include <krait/object/visitors.hpp>
#include <krait/object/weak.hpp>

namespace krait {

namespace detail {

// Removes what died during an iteration when the outermost one ends.
template <class Key>
struct deferred_removals {
    int iterating = 0;
    std::vector<Key> dead;
};

} // namespace detail

// Key -> object; an object's death removes its entry. CPython's WeakValueDictionary.
template <class Key, class T, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
class weak_value_map {
  public:
    weak_value_map() : state_(std::make_shared<state>()) {}
    weak_value_map(weak_value_map&&) noexcept = default;
    weak_value_map& operator=(weak_value_map&&) noexcept = default;

    // Adds or replaces. Throws std::bad_alloc, and what copying the key throws.
    void insert(const Key& key, const ref<T>& object) {
        weak<T> entry(object, [state = std::weak_ptr(state_), key](weak<T>& expired) {
            if (const auto s = state.lock()) s->remove(key, expired);
        });
        state_->entries.insert_or_assign(key, std::move(entry));
    }
    // Null if there is none.
    ref<T> find(const Key& key) const {
        const auto found = state_->entries.find(key);
        return found == state_->entries.end() ? ref<T>{} : found->second.lock();
    }
    bool contains(const Key& key) const { return static_cast<bool>(find(key)); }
    bool erase(const Key& key) { return state_->entries.erase(key) != 0; }
    std::size_t size() const noexcept { return state_->entries.size() - state_->removals.dead.size(); }
    void clear() noexcept { state_->entries.clear(); }

    // Calls f(key, ref<T>) for each living entry.
    template <class F>
    void for_each(F&& f) {
        const auto keep = state_;
        const iteration guard(*keep);
        for (auto& [key, object] : keep->entries)
            if (ref<T> alive = object.lock()) f(key, std::move(alive));
    }

  private:
    struct state {
        std::unordered_map<Key, weak<T>, Hash, Equal> entries;
        detail::deferred_removals<std::pair<Key, weak<T>>> removals;

        void remove(const Key& key, const weak<T>& expired) {
            if (removals.iterating != 0) {
                removals.dead.emplace_back(key, expired);
            } else if (const auto found = entries.find(key); found != entries.end() && found->second == expired) {
                entries.erase(found);
            }
        }
    };
    struct iteration {
        state& owner;
        explicit iteration(state& s) : owner(s) { ++owner.removals.iterating; }
        iteration(const iteration&) = delete;
        iteration& operator=(const iteration&) = delete;
        ~iteration() {
            if (--owner.removals.iterating != 0) return;
            const auto dead = std::exchange(owner.removals.dead, {});
            for (const auto& [key, expired] : dead) owner.remove(key, expired);
        }
    };
    std::shared_ptr<state> state_;
};

// A set of objects, by identity. CPython's WeakSet.
template <class T>
class weak_set {
  public:
    bool insert(const ref<T>& object) {
        if (contains(object)) return false;
        entries_.insert(object.get(), object);
        return true;
    }
    bool contains(const ref<T>& object) const { return entries_.contains(object.get()); }
    bool erase(const ref<T>& object) { return entries_.erase(object.get()); }
    std::size_t size() const noexcept { return entries_.size(); }
    void clear() noexcept { entries_.clear(); }
    // Calls f(ref<T>) for each living member.
    template <class F>
    void for_each(F&& f) {
        entries_.for_each([&](const T*, ref<T> object) { f(std::move(object)); });
    }

  private:
    weak_value_map<const T*, T> entries_;
};

// Object -> value, by identity; the value lives no longer than its key, even if it refers to the key (an ephemeron:
// CPython's WeakKeyDictionary would keep both for ever). For this the value hangs on the key: the collector sees it as
// one of the key's own references. A value that holds references needs a key type that is tracked.
template <class K, class V>
class weak_key_map {
  public:
    // The types are judged where a map is made, so that a class may have a map of itself as a field.
    weak_key_map() {
        static_assert(!detail::holds_refs<V> || detail::may_hang_on<K, V>,
                      "krait: the value may lead back to its key, and the types of the key's fields do not tell: say "
                      "`using krait_cyclic = void;` in the key's type");
    }
    weak_key_map(const weak_key_map&) = delete;
    weak_key_map& operator=(const weak_key_map&) = delete;
    ~weak_key_map() { clear(); }

    // Adds or replaces. Throws std::bad_alloc, what moving the value throws, std::invalid_argument for a null key.
    void insert(const ref<K>& key, V value) {
        detail::object_head* const head = detail::ref_access::head(key);
        if (head == nullptr) throw std::invalid_argument("a null reference cannot be a weak key");
        if (const auto found = entries_.find(head); found != entries_.end()) {
            [[maybe_unused]] const V old = std::exchange(found->second->value, std::move(value)); // dropped last
            return;
        }
        auto made = std::make_unique<entry>(*this, head, std::move(value));
        detail::weak_cell* const cell = detail::ensure_cell(head);
        entries_.emplace(head, made.get());
        made->next = cell->attachments;
        cell->attachments = made.release();
    }
    // The value, until the key dies or the map changes; null if there is none.
    V* find(const ref<K>& key) const noexcept {
        const auto found = entries_.find(detail::ref_access::head(key));
        return found == entries_.end() ? nullptr : &found->second->value;
    }
    bool contains(const ref<K>& key) const noexcept { return find(key) != nullptr; }
    bool erase(const ref<K>& key) noexcept {
        const auto found = entries_.find(detail::ref_access::head(key));
        if (found == entries_.end()) return false;
        const std::unique_ptr<entry> gone(found->second);
        entries_.erase(found);
        gone->take_off();
        return true;
    }
    std::size_t size() const noexcept { return entries_.size(); }
    void clear() noexcept {
        while (!entries_.empty()) {
            const std::unique_ptr<entry> gone(entries_.begin()->second);
            entries_.erase(entries_.begin());
            gone->take_off();
        }
    }
    // Calls f(ref<K>, V&) for each entry; f must not change the map or let keys die.
    template <class F>
    void for_each(F&& f) {
        for (auto& [head, found] : entries_)
            f(detail::ref_access::copy(static_cast<K*>(detail::object_of(head))), found->value);
    }

  private:
    struct entry final : detail::attachment {
        weak_key_map* map;
        detail::object_head* key;
        V value;

        entry(weak_key_map& m, detail::object_head* k, V&& v) : map(&m), key(k), value(std::move(v)) {}

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
        void leave_map() noexcept override { map->entries_.erase(key); }
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
    friend entry;

    std::unordered_map<detail::object_head*, entry*> entries_;
};

} // namespace krait
