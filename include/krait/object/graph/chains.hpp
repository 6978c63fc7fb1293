// Who refers to whom, and why an object is still there: gc's get_referrers and get_referents, objgraph's
// find_ref_chain, find_backref_chain and get_leaking_objects (leaking_objects).
//
//   root     an object that something outside of the graph refers to: a variable on the stack, a global, a container
//            that no object owns, a field that its type does not report. An immortal object is one
//   chain    objects of which each refers to the next, with the names of the references
//
// get_referrers, outside_references, roots, leaking_objects and the search for a root look at all objects that there
// are to be seen: those that are tracked and all that they lead to. What cannot be part of a cycle and is held from
// outside only is not seen; what it holds is then found to be held from outside. An argument is a ref or one of
// Python's values; the reference that it is does not count as one from outside, nor do those in graph::objects.
//
// A predicate is code of the program: it may do what it likes, but no run of the collector starts before the
// function returns, and objects that lose their last reference meanwhile die at its end.
//
// All throw not_now and std::bad_alloc, and what the predicate throws. Their time is that of a full run of the
// collector.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <krait/object/edge_path.hpp>
#include <krait/object/graph/types.hpp>
#include <krait/object/immortal.hpp>

namespace krait::graph {

using predicate = std::function<bool(const ref<void>&)>;

struct chain {
    objects path;                    // from the object that holds to the one that is held
    std::vector<std::string> labels; // of path[i] -> path[i + 1]
    bool found = false;              // if not, the path is the object alone, as objgraph's is

    std::size_t size() const noexcept { return path.size(); }
    // "server.sessions[3] -> session.owner -> user"
    std::string text() const {
        std::string words;
        for (std::size_t i = 0; i < path.size(); ++i) {
            words += detail::display_name(detail::head_in(path[i]));
            if (i < labels.size()) words.append(labels[i]).append(" -> ");
        }
        return words;
    }
};

struct search {
    std::size_t max_depth = static_cast<std::size_t>(-1); // references; objgraph's is 20: here the time is linear
    predicate ignored{}; // objects that no chain leads through (objgraph's extra_ignore)
};

namespace internal {

using detail::no_node;
using detail::node;
using detail::object_head;

// How the first reference from one object to the other is called.
class label_finder final : public detail::edge_path {
  public:
    static std::string between(const object_head* from, const object_head* to) {
        label_finder finder(to);
        finder.start(from);
        gc::internal::visit_references(const_cast<object_head*>(from), finder);
        return std::move(finder.label_);
    }

  private:
    explicit label_finder(const object_head* to) noexcept : wanted_(to) {}
    void edge(object_head* target) override {
        if (target != wanted_ || found_) return;
        found_ = true;
        label_ = label();
    }

    const object_head* wanted_;
    bool found_ = false;
    std::string label_;
};

// How many references there are to each node that are neither in the graph nor in an `objects`.
class outside_counts {
  public:
    explicit outside_counts(const detail::picture& whole) : whole_(whole), looked_at_(whole.size()) {
        objects::for_each_list([&](const objects& list) {
            for (const ref<void>& item : list)
                if (const node n = item ? whole.number_of(detail::head_in(item)) : no_node; n != no_node)
                    ++looked_at_[n];
        });
    }
    // The reference itself, which the picture has watched for, is not one from outside.
    template <class R>
    void leave_out(const R& reference) {
        bool known = whole_.has_met();
        objects::for_each_list([&](const objects& list) { known |= list.owns(detail::place_of_reference(reference)); });
        const node n = whole_.number_of(detail::head_behind(reference));
        if (!known && n != no_node) ++looked_at_[n];
    }
    // More than 2^31 of an immortal one, as use_count() says.
    std::size_t of(node n) const noexcept {
        const std::uint32_t count = whole_.head(n)->count;
        if (detail::is_immortal(count)) return count;
        const std::size_t known = std::size_t{whole_.references(n)} + looked_at_[n];
        return count > known ? count - known : 0;
    }

  private:
    const detail::picture& whole_;
    std::vector<std::uint32_t> looked_at_;
};

// The nodes from `n` to where step(n) ends, and what lies between them.
template <class F>
chain follow(const detail::picture& whole, node n, F&& step) {
    std::vector<object_head*> heads;
    for (; n != no_node; n = step(n)) heads.push_back(whole.head(n));
    chain way;
    way.found = true;
    for (object_head* const head : heads) way.path.push_back(detail::share_object(head));
    return way;
}
inline void name_references(chain& way) {
    for (std::size_t i = 0; i + 1 < way.path.size(); ++i)
        way.labels.push_back(label_finder::between(detail::head_in(way.path[i]), detail::head_in(way.path[i + 1])));
}
inline chain alone(const object_head* head) {
    chain way;
    way.path.push_back(detail::share_object(head));
    return way;
}

// A search in breadth from `start`, against the references. Returns the first node that is `wanted`, or no_node;
// next[n] is then the node that n refers to on the way.
template <class Wanted, class Ignored>
node search_back(const detail::callers& callers, node start, std::size_t max_depth, std::vector<node>& next,
                 Wanted&& wanted, Ignored&& ignored) {
    std::vector<node> queue{start};
    std::vector<bool> seen(next.size());
    seen[start] = true;
    std::size_t depth = 0, level_end = 1;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        if (i == level_end) {
            ++depth;
            level_end = queue.size();
        }
        const node here = queue[i];
        if (wanted(here)) return here;
        if (depth == max_depth) continue;
        for (const node from : callers.of(here)) {
            if (seen[from]) continue;
            seen[from] = true;
            if (ignored(from)) continue;
            next[from] = here;
            queue.push_back(from);
        }
    }
    return no_node;
}

} // namespace internal

// The objects that refer to any of the given ones, each once.
template <detail::leads_to_object... R>
objects get_referrers(const R&... given) {
    detail::refuse_half_changed();
    detail::node_table seen; // of what is not tracked
    std::vector<detail::object_head*> untracked;
    bool refers = false;
    detail::edge_function look([&](detail::object_head* target) {
        refers |= ((detail::head_behind(given) == target) || ...);
        if (detail::is_tracked(target) || !detail::leads_somewhere(target)) return;
        const auto next = static_cast<detail::node>(untracked.size());
        if (seen.number(target, next) == next) untracked.push_back(target);
    });
    std::vector<detail::object_head*> found;
    const auto visit = [&](detail::object_head* head) {
        refers = false;
        gc::internal::visit_references(head, look);
        if (refers) found.push_back(head);
    };
    gc::internal::for_each_tracked({}, visit);
    detail::for_each(detail::started_heap().permanent, visit);
    for (std::size_t i = 0; i < untracked.size(); ++i) visit(untracked[i]);
    objects referrers;
    for (const detail::object_head* const head : found) referrers.push_back(detail::share_object(head));
    return referrers;
}

// The objects that the given ones refer to, once for each reference, in the order of the fields.
template <detail::leads_to_object... R>
objects get_referents(const R&... given) {
    detail::refuse_half_changed();
    objects referents;
    detail::edge_function look(
        [&](const detail::object_head* target) { referents.push_back(detail::share_object(target)); });
    const auto visit = [&](detail::object_head* head) {
        if (head != nullptr) gc::internal::visit_references(head, look);
    };
    (visit(detail::head_behind(given)), ...);
    return referents;
}

// How many references to the object are neither in a field of another nor in graph::objects, but for the given one.
// More than 2^31 for an immortal object.
template <detail::leads_to_object R>
std::size_t outside_references(const R& given) {
    detail::object_head* const head = detail::head_behind(given);
    if (head == nullptr) return 0;
    const detail::picture whole = detail::picture::of_holders({&head, 1}, detail::place_of_reference(given));
    internal::outside_counts outside(whole);
    outside.leave_out(given);
    return outside.of(whole.number_of(head));
}

// The tracked objects that are held from outside: what keeps everything else alive. For each, as many as there are.
inline objects roots() {
    const detail::picture whole = detail::picture::of_holders();
    const internal::outside_counts outside(whole);
    objects found;
    for (detail::node n = 0; n < whole.tracked(); ++n)
        if (outside.of(n) != 0) found.push_back(detail::share_object(whole.head(n)));
    return found;
}

// The tracked objects that no tracked object refers to. In Python these may come from mistakes in C code; here it is
// what only variables and containers outside of the graph hold.
inline objects leaking_objects() {
    const detail::picture whole = detail::picture::of_holders();
    objects found;
    for (detail::node n = 0; n < whole.tracked(); ++n)
        if (whole.references(n) == 0) found.push_back(detail::share_object(whole.head(n)));
    return found;
}
// The tracked ones of the given objects that none of the given ones refers to.
inline objects leaking_objects(const objects& given) {
    std::vector<detail::object_head*> heads;
    for (const ref<void>& o : given)
        if (o && gc::is_tracked(o)) heads.push_back(detail::head_in(o));
    const detail::picture whole = detail::picture::from(heads);
    std::vector<bool> held(whole.size());
    detail::edge_function look([&](const detail::object_head* target) { held[whole.number_of(target)] = true; });
    for (detail::object_head* const head : heads) gc::internal::visit_references(head, look);
    objects found;
    for (const detail::object_head* const head : heads)
        if (const detail::node n = whole.number_of(head); !held[n]) {
            held[n] = true;
            found.push_back(detail::share_object(head));
        }
    return found;
}

// A shortest chain from the object to one that is wanted.
template <detail::leads_to_object R>
chain find_ref_chain(const R& start, const predicate& wanted, const search& how = {}) {
    detail::object_head* const head = detail::head_behind(start);
    if (head == nullptr) return {};
    const detail::picture reached = detail::picture::from({&head, 1});
    const detail::held_picture held(reached);
    // The numbers are in the order of a search in breadth, but what is ignored leads nowhere.
    std::vector<detail::node> depth(reached.size()), queue{0}, parent(reached.size(), detail::no_node);
    std::vector<bool> seen(reached.size());
    seen[0] = true;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const detail::node here = queue[i];
        if (wanted(detail::share_object(reached.head(here)))) {
            chain way = internal::follow(reached, here, [&](detail::node n) { return parent[n]; });
            way.path.reverse();
            internal::name_references(way);
            return way;
        }
        if (depth[here] == how.max_depth) continue;
        std::vector<detail::node> behind;
        detail::edge_function look([&](const detail::object_head* target) {
            const detail::node n = reached.number_of(target);
            if (n == detail::no_node || seen[n]) return;
            seen[n] = true;
            behind.push_back(n);
        });
        gc::internal::visit_references(reached.head(here), look);
        for (const detail::node n : behind) {
            if (how.ignored && how.ignored(detail::share_object(reached.head(n)))) continue;
            parent[n] = here;
            depth[n] = depth[here] + 1;
            queue.push_back(n);
        }
    }
    return internal::alone(head);
}

// A shortest chain to the object from one that is wanted.
template <detail::leads_to_object R>
chain find_backref_chain(const R& end, const predicate& wanted, const search& how = {}) {
    detail::object_head* const head = detail::head_behind(end);
    if (head == nullptr) return {};
    detail::picture whole = detail::picture::of_holders({&head, 1});
    const detail::held_picture held(whole);
    const detail::callers callers = whole.callers_of();
    std::vector<detail::node> next(whole.size(), detail::no_node);
    const auto of = [&](detail::node n) { return detail::share_object(whole.head(n)); };
    const detail::node from = internal::search_back(
        callers, whole.number_of(head), how.max_depth, next, [&](detail::node n) { return wanted(of(n)); },
        [&](detail::node n) { return how.ignored && how.ignored(of(n)); });
    if (from == detail::no_node) return internal::alone(head);
    chain way = internal::follow(whole, from, [&](detail::node n) { return next[n]; });
    internal::name_references(way);
    return way;
}

// A shortest chain to the object from a root: why it is still there. The object alone, and found, if it is a root
// itself; not found if nothing but the given reference, and cycles, keeps it.
template <detail::leads_to_object R>
chain find_backref_chain(const R& end) {
    detail::object_head* const head = detail::head_behind(end);
    if (head == nullptr) return {};
    detail::picture whole = detail::picture::of_holders({&head, 1}, detail::place_of_reference(end));
    std::vector<detail::node> next(whole.size(), detail::no_node);
    internal::outside_counts outside(whole);
    outside.leave_out(end);
    const detail::node from = internal::search_back(
        whole.callers_of(), whole.number_of(head), search{}.max_depth, next,
        [&](detail::node n) { return outside.of(n) != 0; }, [](detail::node) { return false; });
    if (from == detail::no_node) return internal::alone(head);
    chain way = internal::follow(whole, from, [&](detail::node n) { return next[n]; });
    internal::name_references(way);
    return way;
}

// For searches: objects of a type.
inline predicate of_type(std::string type) {
    return [type = std::move(type)](const ref<void>& o) { return type_name(o) == type; };
}

} // namespace krait::graph
