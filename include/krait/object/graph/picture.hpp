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
//   of_thread(), of_holders(), from() -> look_behind() -> edge()      a word and a half a node, and a table of them
//   callers_of()                                                      half a word a reference, the other way round
//
// Nothing here is recursive, but for what walk.hpp bounds. Objects are not held, so no code of the program may run
// while there is a picture, unless it is held (held_picture). Building one allocates, which starts no run: only
// make() does. It is refused where a run would be: in the middle of a run or of an object's death containers may be
// half changed.
#pragma once

#include <bit>
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

// Whether an object may refer to any; strings, numbers and their like do not.
inline bool leads_somewhere(const object_head* head) noexcept {
    if (record_of(head)->visit != nullptr) return true;
    const weak_cell* const cell = cell_of(head);
    return cell != nullptr && cell->attachments != nullptr;
}

// Numbers of objects: open addressing, at most half full.
class node_table {
  public:
    void reserve(std::size_t objects) { resize(std::bit_ceil(2 * (objects + 1))); }
    // The object's number, or `next` if it has none yet, which it then has.
    node number(const object_head* head, node next) {
        if (2 * (used_ + 1) > places_.size()) resize(2 * places_.size());
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

    // Objects that are within 1 KiB of memory have their places near each other: most were made one after the other,
    // and are looked for in that order.
    place& find(const object_head* head) noexcept {
        const std::size_t mask = places_.size() - 1;
        const std::uintptr_t line = reinterpret_cast<std::uintptr_t>(head) >> 6;
        std::size_t i = (((line >> 4) * std::size_t{0x9e3779b97f4a7c15} >> 20 << 4) | (line & 15)) & mask;
        while (places_[i].head != nullptr && places_[i].head != head) i = (i + 1) & mask;
        return places_[i];
    }
    void resize(std::size_t places) {
        std::vector<place> old(std::max<std::size_t>(64, places));
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
    // Of what leads nowhere only these objects. Watches for a reference. Throws not_now, std::bad_alloc.
    static picture of_holders(std::span<object_head* const> more = {}, const void* watched = nullptr) {
        picture taken;
        taken.has_all_ = false;
        taken.watched_ = watched;
        taken.add_thread(more);
        return taken;
    }
    // With everything.
    static picture of_thread() {
        picture taken;
        taken.add_thread({});
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
    std::uint32_t references(node n) const noexcept { return references_[n]; }

    callers callers_of() {
        callers c;
        c.first.resize(heads_.size() + 1);
        for (node n = 0; n < size(); ++n) c.first[n + 1] = c.first[n] + references_[n];
        c.referrers.resize(c.first.back());
        std::vector<std::size_t> next(c.first.begin(), c.first.end() - 1);
        edge_function note([&](object_head* target) {
            if (const node n = number_of(target); n != no_node) c.referrers[next[n]++] = from_;
        });
        for (from_ = 0; from_ < size(); ++from_) gc::internal::visit_references(heads_[from_], note);
        return c;
    }

  private:
    picture() = default;

    void add_thread(std::span<object_head* const> more) {
        refuse_half_changed();
        heap& h = started_heap();
        const auto add = [&](object_head* head) { heads_.push_back(head); };
        gc::internal::for_each_tracked({}, add);
        for_each(h.permanent, add);
        std::vector<object_head*> all;
        all.swap(heads_);
        table_.reserve(all.size() + more.size());
        for (object_head* const head : all) number(head);
        tracked_ = size();
        for (object_head* const head : more) number(head);
        look_behind();
    }
    node number(object_head* head) {
        if (heads_.size() == no_node) throw std::length_error("a graph of more than 2^32 - 1 objects");
        const node n = table_.number(head, size());
        if (n == size()) {
            heads_.push_back(head);
            references_.push_back(0);
        }
        return n;
    }
    void edge(object_head* target) override {
        if (has_all_ || leads_somewhere(target))
            ++references_[number(target)];
        else if (const node n = number_of(target); n != no_node)
            ++references_[n];
    }
    void look_behind() {
        for (from_ = 0; from_ < size(); ++from_) gc::internal::visit_references(heads_[from_], *this);
    }

    std::vector<object_head*> heads_;
    std::vector<std::uint32_t> references_; // to each
    node_table table_;
    node tracked_ = 0;
    node from_ = no_node; // whose references are being looked at
    bool has_all_ = true; // or of what leads nowhere only what was asked for
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
