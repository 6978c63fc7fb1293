// objects: what the functions of graph.hpp return objects in. It keeps them alive, as a vector of references does,
// but its references do not count as ones from outside: to look at an object must not make it look held.
//
//   looked_at(n) == references to the node in all `objects` of the thread
// Copies and moves as a vector. Stays with its thread, as its references do, and is for looking: it is no field of
// an object.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <krait/object/edge_path.hpp>
#include <krait/object/graph/picture.hpp>

namespace krait::graph {

class objects {
  public:
    using value_type = ref<void>;
    using const_iterator = std::vector<ref<void>>::const_iterator;

    objects() noexcept { enlist(); }
    explicit objects(std::vector<ref<void>> items) noexcept : items_(std::move(items)) { enlist(); }
    objects(const objects& other) : items_(other.items_) { enlist(); }
    objects(objects&& other) noexcept : items_(std::move(other.items_)) { enlist(); }
    objects& operator=(objects other) noexcept {
        items_.swap(other.items_);
        return *this;
    }
    ~objects() {
        (previous_ != nullptr ? previous_->next_ : first_) = next_;
        if (next_ != nullptr) next_->previous_ = previous_;
    }

    const_iterator begin() const noexcept { return items_.begin(); }
    const_iterator end() const noexcept { return items_.end(); }
    std::size_t size() const noexcept { return items_.size(); }
    bool empty() const noexcept { return items_.empty(); }
    const ref<void>& operator[](std::size_t index) const noexcept { return items_[index]; }
    const ref<void>& front() const noexcept { return items_.front(); }
    const ref<void>& back() const noexcept { return items_.back(); }
    void reverse() noexcept { std::reverse(items_.begin(), items_.end()); }
    void push_back(ref<void> object) { items_.push_back(std::move(object)); }
    bool contains(const void* object) const noexcept {
        for (const ref<void>& item : items_)
            if (item.get() == object) return true;
        return false;
    }

    // Whether the reference itself is one of those in here.
    bool owns(const void* reference) const noexcept {
        return !items_.empty() && !std::less<const void*>{}(reference, items_.data()) &&
               std::less<const void*>{}(reference, items_.data() + items_.size());
    }
    // Calls f(list) for each that the thread has.
    template <class F>
    static void for_each_list(F&& f) {
        for (const objects* list = first_; list != nullptr; list = list->next_) f(*list);
    }

  private:
    void enlist() noexcept {
        next_ = first_;
        if (next_ != nullptr) next_->previous_ = this;
        first_ = this;
    }

    static inline constinit thread_local objects* first_ = nullptr;

    std::vector<ref<void>> items_;
    objects* next_ = nullptr;
    objects* previous_ = nullptr;
};

} // namespace krait::graph

namespace krait::detail {

inline object_head* head_behind(const ref<void>& reference) noexcept { return ref_access::head(reference); }
template <class T>
object_head* head_behind(const ref<T>& reference) noexcept {
    return ref_access::head(reference);
}
// Of one of Python's values.
template <class V>
requires requires(const V& value) { value.reference(); }
object_head* head_behind(const V& value) noexcept { return ref_access::head(value.reference()); }

template <class T>
const void* place_of_reference(const ref<T>& reference) noexcept {
    return &reference;
}
template <class V>
const void* place_of_reference(const V& value) noexcept {
    return &value.reference();
}

template <class R>
concept leads_to_object = requires(const R& reference) {
    detail::head_behind(reference);
};

// Of a reference that is not null.
inline object_head* head_in(const ref<void>& item) noexcept { return head_of(item.get()); }
inline ref<void> share_object(const object_head* head) noexcept { return ref_access::copy(object_of(head)); }

} // namespace krait::detail
