// A picture of the graph at one moment: which objects there are, and what refers to what.
//
//   picture      the tracked objects of the thread, frozen ones included, or some objects, and all that they lead to
//   node         an object in a picture, by number; the tracked ones come first, then in the order of a search in
//                breadth
//   reference    one in a field that a type reports, or that a weak_key_map hangs on its key. Weak ones are none
//   outside      references that are in no field: on the stack, in globals, in what the layer cannot see into
//
//   count of a node == references to it in the picture of the thread + those that looked_at holds + outside
//
//   of_thread(), from() -> look_behind() -> edge()        two words a node, and a table of them
//   callers_of()        -> edge()                         a word a reference, the other way round
//
// Nothing here is recursive, but for what walk.hpp bounds. Objects are not held, so no code of the program may run
// while there is a picture, unless it is held (held_picture). Building one allocates, which starts no run: only
// make() does. It is refused where a run would be: in the middle of a run or of an object's death containers may be
// half changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <krait/object/gc.hpp>

namespace krait::graph {

using gc::not_now;

} // namespace krait::graph

namespace krait::detail {

using node = std::uint32_t;
inline constexpr node no_node = std::numeric_limits<node>::max();

using gc::internal::refuse_half_changed;

// Numbers of objects: open addressing, at most half full.
class node_table {
  public:
    // The object's number, or `next` if it has none yet, which it then has.
    node number(const object_head* head, node next) {
        if (2 * (used_ + 1) > places_.size()) grow();
        place& at = find(head);
        if (at.head == nullptr) {
            at = {head, next};
            ++used_;
        }
        return at.number;
    }
    node number_of(const object_head* head) const noexcept {
        if (places_.empty()) return no_node;
        const place& at = const_cast<node_table*>(this)->find(head);
        return at.head == nullptr ? no_node : at.number;
    }

  private:
    struct place {
        const object_head* head = nullptr;
        node number = 0;
    };

    place& find(const object_head* head) noexcept {
        const std::size_t mask = places_.size() - 1;
        std::size_t i = (reinterpret_cast<std::uintptr_t>(head) >> 4) * std::size_t{0x9e3779b97f4a7c15} >> 20 & mask;
        while (places_[i].head != nullptr && places_[i].head != head) i = (i + 1) & mask;
        return places_[i];
    }
    void grow() {
        std::vector<place> old(std::max<std::size_t>(64, 2 * places_.size()));
        old.swap(places_);
        for (const place& p : old)
            if (p.head != nullptr) find(p.head) = p;
    }

    std::vector<place> places_;
    std::size_t used_ = 0;
};

// Who refers to a node: referrers[first[n]] to referrers[first[n + 1]], once for each reference.
struct callers {
    std::vector<std::size_t> first;
    std::vector<node> referrers;

    std::span<const node> of(node n) const noexcept {
        return std::span(referrers).subspan(first[n], first[n + 1] - first[n]);
    }
};

class picture final : edge_visitor {
  public:
    // With these objects, too, and what they lead to. Watches for a reference. Throws not_now, std::bad_alloc.
    static picture of_thread(std::span<object_head* const> more = {}, const void* watched = nullptr) {
        refuse_half_changed();
        picture taken;
        taken.watched_ = watched;
        heap& h = started_heap();
        const auto add = [&](object_head* head) { taken.number(head); };
        gc::internal::for_each_tracked({}, add);
        for_each(h.permanent, add);
        taken.tracked_ = taken.size();
        for (object_head* const head : more) taken.number(head);
        taken.look_behind();
        return taken;
    }
    static picture from(std::span<object_head* const> starts) {
        refuse_half_changed();
        picture taken;
        for (object_head* const head : starts) taken.number(head);
        taken.look_behind();
        return taken;
    }

    node size() const noexcept { return static_cast<node>(heads_.size()); }
    node tracked() const noexcept { return tracked_; }
    object_head* head(node n) const noexcept { return heads_[n]; }
    std::span<object_head* const> heads() const& noexcept { return heads_; }
    void heads() && = delete; // they would be gone
    node number_of(const object_head* head) const noexcept { return table_.number_of(head); }
    // Whether the watched reference is in a field.
    bool has_met() const noexcept { return met_; }
    std::uint32_t references(node n) const noexcept { return found_[n].references; }
    // The node that led to this one first; no_node for those that the search started with.
    node parent(node n) const noexcept { return found_[n].parent; }

    callers callers_of() {
        callers c;
        c.first.resize(heads_.size() + 1);
        for (node n = 0; n < size(); ++n) c.first[n + 1] = c.first[n] + found_[n].references;
        c.referrers.resize(c.first.back());
        std::vector<std::size_t> next(c.first.begin(), c.first.end() - 1);
        edge_function note([&](object_head* target) { c.referrers[next[number_of(target)]++] = from_; });
        for (from_ = 0; from_ < size(); ++from_) gc::internal::visit_references(heads_[from_], note);
        return c;
    }

  private:
    struct finding {
        std::uint32_t references;
        node parent;
    };

    picture() = default;

    node number(object_head* head) {
        if (heads_.size() == no_node) throw std::length_error("a graph of more than 2^32 - 1 objects");
        const node n = table_.number(head, size());
        if (n == size()) {
            heads_.push_back(head);
            found_.push_back({0, from_});
        }
        return n;
    }
    void edge(object_head* target) override { ++found_[number(target)].references; }
    void look_behind() {
        for (from_ = 0; from_ < size(); ++from_) gc::internal::visit_references(heads_[from_], *this);
    }

    std::vector<object_head*> heads_;
    std::vector<finding> found_;
    node_table table_;
    node tracked_ = 0;
    node from_ = no_node; // whose references are being looked at
};

// While one exists, every object of the picture lives, and no run starts: code of the program may be called. What it
// has dropped meanwhile dies at the end.
class held_picture {
  public:
    explicit held_picture(const picture& p) {
        held_.reserve(p.size());
        for (object_head* const head : p.heads()) held_.push_back(ref_access::copy(object_of(head)));
    }

  private:
    std::vector<ref<void>> held_;
    gc::postpone no_run_; // ends before the references go
};

} // namespace krait::detail
