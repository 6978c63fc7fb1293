// Drawings for graphviz: objgraph's show_refs, show_backrefs and show_chain. They return the text of a .dot file:
//
//     std::ofstream("refs.dot") << krait::graph::show_refs(server);       // dot -Tsvg refs.dot -o refs.svg
//
// A node is a box with the object's type and, of Python's values, what it is (its repr, or how many items it has);
// an arrow has the name of the reference. The objects that were asked for have red letters. A reference to an object
// that is drawn already is an arrow more, not a box more; what max_depth or too_many leaves out is said in a box
// without a frame. Equal graphs are drawn in equal words: boxes are numbered as they are met.
//
// Throws as chains.hpp. `filter`, `highlight` and `extra_info` are code of the program, under the same rules.
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <krait/object/graph/chains.hpp>
#include <krait/object/graph/types.hpp>
#include <krait/object/value/object.hpp>

namespace krait::graph {

struct drawing {
    std::size_t max_depth = 3;
    std::size_t too_many = 10;                                 // references of one object that are drawn
    predicate filter{};                                        // what is drawn; all, if empty
    predicate highlight{};                                     // blue boxes
    std::function<std::string(const ref<void>&)> extra_info{}; // a third line
    bool refcounts = false;                                    // how many references there are, behind the type
};

namespace internal {

inline std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else if (static_cast<unsigned char>(c) >= 0x20)
            out += c;
    }
    return out += '"';
}

// The first 40 characters of UTF-8.
inline std::string shortened(std::string text) {
    constexpr std::size_t most = 40;
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool starts = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
        if (starts && ++characters > most) return text.substr(0, i) + "...";
    }
    return text;
}

// How many references an object has, as visit reports them.
inline std::size_t references_of(const object_head* head) {
    std::size_t number = 0;
    detail::edge_function look([&](const object_head*) { ++number; });
    gc::internal::visit_references(const_cast<object_head*>(head), look);
    return number;
}
inline std::size_t items_of_dict(const object_head* head) {
    std::size_t names = 0;
    detail::edge_function look([&](const object_head*) { ++names; });
    static_cast<const detail::value_record*>(detail::record_of(head))->visit_names(detail::object_of(head), look);
    return names != 0 ? names : references_of(head) / 2;
}

// What a value is, told without running code of the program.
inline std::string what_it_is(const object_head* head) {
    const detail::type_record* const record = detail::record_of(head);
    if (record->value == 0) return {};
    if (const auto repr = static_cast<const detail::value_record*>(record)->repr;
        record->never_waits && repr != nullptr) {
        std::string text;
        repr(object(detail::share_object(head)), text);
        return shortened(std::move(text));
    }
    switch (static_cast<value_kind>(record->value)) {
    case value_kind::dict:
        return std::to_string(items_of_dict(head)) + " items";
    case value_kind::tuple:
    case value_kind::list:
    case value_kind::set:
        return std::to_string(references_of(head)) + " items";
    default:
        return {};
    }
}

// How the so-manieth reference of an object is called.
class label_at final : public detail::edge_path {
  public:
    static std::string of(const object_head* from, std::size_t position) {
        label_at finder(position);
        finder.start(from);
        gc::internal::visit_references(const_cast<object_head*>(from), finder);
        return std::move(finder.label_);
    }

  private:
    explicit label_at(std::size_t position) noexcept : left_(position) {}
    void edge(object_head*) override {
        if (left_-- == 0) label_ = label();
    }

    std::size_t left_;
    std::string label_;
};

// Draws what an object refers to, or what refers to it.
//
//   draw() -> box()                      the objects that were asked for
//          -> arrows() -> box(), arrow() of each, in the order in which they are met
class artist {
  public:
    artist(const detail::picture& whole, const drawing& how)
        : whole_(whole), how_(how), numbers_(whole.size(), no_node) {}

    // others(n): all that n refers to, or all that refer to it; name(n, i, other): how the i-th of them is called.
    template <class Others, class Name>
    std::string draw(std::vector<node> queue, bool backwards, Others&& others, Name&& name) {
        out_ << "digraph objects {\n  node [shape=box, style=filled, fillcolor=white];\n";
        for (const node n : queue) box(n, true);
        std::size_t level_end = queue.size();
        for (std::size_t i = 0, depth = 0; i < queue.size(); ++i) {
            if (i == level_end) {
                ++depth;
                level_end = queue.size();
            }
            if (depth == how_.max_depth) break;
            const node here = queue[i];
            std::size_t position = 0, wanted = 0;
            for (const node other : others(here)) {
                const std::size_t at = position++;
                if (how_.filter && !how_.filter(detail::share_object(whole_.head(other)))) continue;
                if (wanted++ >= how_.too_many) continue;
                if (box(other, false)) queue.push_back(other);
                arrow(here, other, backwards, name(here, at, other));
            }
            if (wanted > how_.too_many) leave_out(here, backwards, wanted - how_.too_many);
        }
        out_ << "}\n";
        return std::move(out_).str();
    }

  private:
    // Whether it is a new one.
    bool box(node n, bool asked_for) {
        if (numbers_[n] != no_node) return false;
        numbers_[n] = boxes_++;
        const object_head* const head = whole_.head(n);
        std::string label = detail::display_name(head);
        if (how_.refcounts) label += " [" + references_to(head) + ']';
        if (const std::string what = what_it_is(head); !what.empty()) label += '\n' + what;
        if (how_.extra_info) label += '\n' + how_.extra_info(detail::share_object(head));
        out_ << "  n" << numbers_[n] << " [label=" << quoted(label);
        if (asked_for) out_ << ", fontcolor=red";
        if (how_.highlight && how_.highlight(detail::share_object(head))) out_ << ", fillcolor=lightblue";
        out_ << "];\n";
        return true;
    }
    // Less the one by which the picture is held.
    static std::string references_to(const object_head* head) {
        return detail::is_immortal(head) ? "immortal" : std::to_string(detail::references_in(head->count) - 1);
    }
    void arrow(node here, node other, bool backwards, const std::string& label) {
        out_ << "  n" << numbers_[backwards ? other : here] << " -> n" << numbers_[backwards ? here : other];
        if (!label.empty()) out_ << " [label=" << quoted(label) << ']';
        out_ << ";\n";
    }
    void leave_out(node here, bool backwards, std::size_t number) {
        const node rest = boxes_++;
        out_ << "  n" << rest << " [label=\"" << number << " more\", shape=plaintext, style=\"\"];\n  n"
             << (backwards ? rest : numbers_[here]) << " -> n" << (backwards ? numbers_[here] : rest)
             << " [style=dotted];\n";
    }

    const detail::picture& whole_;
    const drawing& how_;
    std::vector<node> numbers_; // of the boxes
    node boxes_ = 0;
    std::ostringstream out_;
};

inline std::vector<object_head*> heads_of(const objects& given) {
    std::vector<object_head*> heads;
    for (const ref<void>& o : given)
        if (o) heads.push_back(detail::head_in(o));
    return heads;
}
inline std::vector<node> nodes_of(const detail::picture& whole, const std::vector<object_head*>& heads) {
    std::vector<node> nodes;
    for (const object_head* const head : heads) nodes.push_back(whole.number_of(head));
    return nodes;
}
template <class R>
std::vector<object_head*> heads_of(const R& given) {
    object_head* const head = detail::head_behind(given);
    return head != nullptr ? std::vector{head} : std::vector<object_head*>{};
}

inline std::string draw_refs(const std::vector<object_head*>& heads, const drawing& how) {
    const detail::picture whole = detail::picture::from(heads);
    const detail::held_picture held(whole);
    artist by(whole, how);
    return by.draw(
        nodes_of(whole, heads), false,
        [&](node n) {
            std::vector<node> targets;
            detail::edge_function look([&](const object_head* target) {
                if (const node t = whole.number_of(target); t != no_node) targets.push_back(t);
            });
            gc::internal::visit_references(whole.head(n), look);
            return targets;
        },
        [&](node n, std::size_t i, node) { return label_at::of(whole.head(n), i); });
}
inline std::string draw_backrefs(const std::vector<object_head*>& heads, const drawing& how) {
    detail::picture whole = detail::picture::of_holders(heads);
    const detail::held_picture held(whole);
    const detail::callers callers = whole.callers_of();
    artist by(whole, how);
    return by.draw(
        nodes_of(whole, heads), true,
        [&](node n) { // once each
            const auto all = callers.of(n);
            std::vector<node> referrers(all.begin(), all.end());
            referrers.erase(std::unique(referrers.begin(), referrers.end()), referrers.end());
            return referrers;
        },
        [&](node n, std::size_t, node from) { return label_finder::between(whole.head(from), whole.head(n)); });
}

} // namespace internal

// What the objects refer to, directly and by others: an object, or graph::objects.
template <class R>
requires(detail::leads_to_object<R> || std::is_same_v<R, objects>) std::string
    show_refs(const R& given, const drawing& how = {}) {
    return internal::draw_refs(internal::heads_of(given), how);
}
// What refers to the objects, directly and by others.
template <class R>
requires(detail::leads_to_object<R> || std::is_same_v<R, objects>) std::string
    show_backrefs(const R& given, const drawing& how = {}) {
    return internal::draw_backrefs(internal::heads_of(given), how);
}

// The objects of a chain, as one line of boxes.
inline std::string show_chain(const chain& way, const drawing& how = {}) {
    const auto heads = internal::heads_of(way.path);
    const detail::picture whole = detail::picture::from(heads);
    const detail::held_picture held(whole);
    const std::vector<detail::node> line = internal::nodes_of(whole, heads);
    drawing all = how;
    all.max_depth = all.too_many = no_limit;
    all.filter = {};
    internal::artist artist(whole, all);
    std::size_t next = 0;
    return artist.draw(
        line.empty() ? line : std::vector{line.front()}, false,
        [&](detail::node) {
            ++next;
            return next < line.size() ? std::vector{line[next]} : std::vector<detail::node>{};
        },
        [&](detail::node, std::size_t, detail::node) { return way.labels[next - 1]; });
}

} // namespace krait::graph
