// hand_over: a graph of objects that may still be modified goes to another thread as a whole.
//
//     krait::handed<node> parcel = krait::hand_over(std::move(root));       // checked: nothing of it stays here
//     std::thread worker([parcel = std::move(parcel)]() mutable {
//         krait::ref<node> root = std::move(parcel).receive();             // its objects are this thread's own
//     });
//
// The graph is the object and all that it leads to. It can be handed over if nothing outside of it refers to it:
//   count of each object    == references found inside of the graph, + the root's own reference
//   handles of each cell    == weak references found inside of it, + 1
//   and no weak reference with a callback, no finalize(), no entry of a weak_key_map is tied to an object of it;
//   nothing inside belongs to the thread in other ways (interned, integer, weak maps); what immortal objects in it lead
//   to is immortal as well
// Otherwise hand_over() throws, with a sentence that names the object's type and what holds it, and nothing has
// changed.
// shared<T> inside goes along, and so do cursors within the graph. What fields do not report (captures, plain pointers)
// cannot be seen here: references to the graph are then found to be from outside, those to other objects are not found.
//
// The time is linear in the graph; the other thread's part is one step an object. How the parcel gets there (a queue, a
// thread's arguments) must order the two threads, as for any data.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <krait/object/gc.hpp>
#include <krait/object/lifetime.hpp>
#include <krait/object/visitors.hpp>

namespace krait {

struct not_handed_over : std::logic_error {
    using std::logic_error::logic_error;
};

namespace detail {

// The graph of an object, and the proof that it can go. A template, so that only who hands over pays for compiling it.
template <class Head = object_head>
class parcel_check final : edge_visitor, weak_visitor {
  public:
    // Throws not_handed_over, std::bad_alloc.
    static std::vector<Head*> examine(Head* root) {
        parcel_check check;
        check.edge(root);
        check.follow();
        for (Head* const head : check.objects_) check.judge(head);
        check.judge_weak_references();
        return std::move(check.objects_);
    }

  private:
    void edge(object_head* target) override {
        if (is_immortal(target)) {
            if (seen_immortal_.insert(target).second) immortal_.push_back(target);
        } else if (inside_immortal_) {
            refuse(target, "is led to by an immortal object, which every thread may use: freeze that with "
                           "freeze_deep()");
        } else if (++references_[target] == 1) {
            objects_.push_back(target);
        }
    }
    void handle(weak_node* node) noexcept override {
        try {
            ++handles_[node];
        } catch (...) {
            out_of_memory_ = true;
        }
    }

    void follow() {
        for (std::size_t i = 0; i < objects_.size(); ++i) {
            gc::internal::visit_references(objects_[i], *this);
            if (const auto visit_weak = record_of(objects_[i])->visit_weak) visit_weak(object_of(objects_[i]), *this);
        }
        if (out_of_memory_) throw std::bad_alloc();
        inside_immortal_ = true;
        for (std::size_t i = 0; i < immortal_.size(); ++i) gc::internal::visit_references(immortal_[i], *this);
    }

    void judge(object_head* head) {
        const type_record* const record = record_of(head);
        if (record->free_block != nullptr) refuse(head, "is shared by threads: hold a shared<T> to it, not a ref");
        if (record->thread_bound)
            refuse(head, "has something that belongs to its thread inside: interned, integer, finalize or a weak map");
        if (checked && is_foreign(head->word >> owner_shift)) refuse(head, "belongs to another thread");
        if (head->count != references_[head])
            refuse(head, "is referred to from outside of the graph: " + std::to_string(head->count) + " references, " +
                             std::to_string(references_[head]) + " of them the given one or inside");
        const weak_cell* const cell = cell_of(head);
        if (cell == nullptr) return;
        if (cell->newest != nullptr) refuse(head, "has a weak reference with a callback, a finalize() or a weak map");
        if (cell->attachments != nullptr) refuse(head, "is a key of a weak_key_map");
    }

    // Each node that was found is the cell of an object of the graph, or of a dead one, and used nowhere else.
    void judge_weak_references() {
        for (Head* const head : objects_)
            if (weak_cell* const cell = cell_of(head)) {
                if (handle_count(cell) != handles_[cell] + 1)
                    refuse(head, "is the object of a weak reference from outside of the graph");
                handles_.erase(cell);
            }
        for (const auto& [node, found] : handles_) {
            if (node->target != nullptr)
                refuse(node->target, "is outside of the graph, but inside is a weak reference to it");
            if (!is_cell(node) || handle_count(node) != found)
                throw not_handed_over("a weak reference to a dead object is shared with one outside of the graph, or "
                                      "has a callback: reset it before handing the graph over");
        }
    }

    [[noreturn]] static void refuse(const object_head* head, const std::string& why) {
        throw not_handed_over("a " + std::string(record_of(head)->name) + " " + why);
    }

    std::vector<Head*> objects_, immortal_;
    std::unordered_set<Head*> seen_immortal_;
    std::unordered_map<Head*, std::uint32_t> references_; // to each of the objects, found so far
    std::unordered_map<weak_node*, std::uint64_t> handles_;
    bool inside_immortal_ = false;
    bool out_of_memory_ = false;
};

inline void set_owner(object_head* head, [[maybe_unused]] std::uint64_t id) noexcept {
    if constexpr (checked) {
        head->word = (head->word & ~(~std::uint64_t{0} << owner_shift)) | id << owner_shift;
        if (weak_cell* const cell = cell_of(head))
            cell->handles = (cell->handles & (handles_mask | cell_kind)) | id << handles_owner_shift;
    }
}

inline void let_go(heap& h, object_head* head) noexcept {
    if (is_tracked(head)) {
        heap::untrack(head);
        h.died();
    }
    set_owner(head, 0);
}
inline void take_in(heap& h, object_head* head) noexcept {
    set_owner(head, h.id);
    if (!record_of(head)->cyclic || h.closed) return;
    h.track(head);
    ++h.gens[0].count;
}

} // namespace detail

template <class T>
class handed;
template <class T>
handed<T> hand_over(ref<T>&& root);

// A graph on its way: no thread's. Whoever destroys it without having received it lets it die.
template <class T>
class [[nodiscard]] handed {
  public:
    handed() noexcept = default;
    handed(handed&& other) noexcept
        : root_(std::exchange(other.root_, nullptr)), objects_(std::exchange(other.objects_, {})) {}
    handed& operator=(handed other) noexcept {
        std::swap(root_, other.root_);
        objects_.swap(other.objects_);
        return *this;
    }
    ~handed() {
        if (root_ != nullptr) std::move(*this).receive();
    }

    explicit operator bool() const noexcept { return root_ != nullptr; }
    std::size_t size() const noexcept { return objects_.size(); } // objects

    // Makes the graph the calling thread's own. Null the second time, or if null was handed over. Throws std::bad_alloc
    // if this is the thread's first object and there is no memory.
    ref<T> receive() && {
        if (root_ == nullptr) return {};
        detail::heap& h = detail::started_heap();
        for (detail::object_head* const head : objects_) detail::take_in(h, head);
        objects_.clear();
        return detail::ref_access::adopt(std::exchange(root_, nullptr));
    }

  private:
    friend handed hand_over<T>(ref<T>&& root);

    T* root_ = nullptr; // with a reference
    std::vector<detail::object_head*> objects_;
};

// Takes the graph from the calling thread. Throws not_handed_over, as described above, and std::bad_alloc: the
// reference is then as it was. An immortal root is every thread's already: it stays, and is refused.
template <class T>
handed<T> hand_over(ref<T>&& root) {
    handed<T> parcel;
    if (!root) return parcel;
    detail::heap& h = detail::this_heap();
    if (h.collecting) throw not_handed_over("a graph cannot be handed over while the collector examines it");
    if (is_immortal(root)) throw not_handed_over("an immortal object belongs to every thread: use shared<const T>");
    parcel.objects_ = detail::parcel_check<>::examine(detail::head_of(root.get()));
    for (detail::object_head* const head : parcel.objects_) detail::let_go(h, head);
    parcel.root_ = detail::ref_access::detach(root);
    return parcel;
}

} // namespace krait
