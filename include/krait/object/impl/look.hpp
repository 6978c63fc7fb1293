// The answers to a reader's orders.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <krait/object/edge_path.hpp>
#include <krait/object/heap.hpp>
#include <krait/object/look.hpp>
#include <krait/object/look_order.hpp>

namespace krait::detail {

class look_answer {
  public:
    explicit look_answer(look_order& order) noexcept : order_(order) {}

    void put(std::uint64_t word) noexcept {
        if (order_.used + taken_ < order_.room) order_.out[order_.used + taken_] = word;
        ++taken_;
    }
    void put(const void* address) noexcept { put(reinterpret_cast<std::uintptr_t>(address)); }
    void put(const std::string& text) noexcept {
        put(text.size());
        for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
            put(word);
        }
    }
    std::size_t next() const noexcept { return order_.used + taken_; }
    void set(std::size_t at, std::uint64_t word) noexcept {
        if (at < order_.room) order_.out[at] = word;
    }
    // Whether what was put since the last time fits.
    bool keep() noexcept {
        if (order_.used + taken_ > order_.room) return false;
        order_.used += taken_;
        taken_ = 0;
        return true;
    }

  private:
    look_order& order_;
    std::size_t taken_ = 0;
};

inline void look_at_list(look_answer& answer) noexcept {
    heap& h = this_heap();
    if (!h.started) return;
    const auto add = [&](const object_head* head) { answer.put(head); };
    answer.put(&h.gens);
    answer.put(&h.visited + 1);
    answer.put(h.collecting || h.nesting != 0 || h.postponed != 0);
    for (generation& each : h.gens) for_each(each.list, add);
    for_each(h.permanent, add);
    for_each(h.visited, add);
    answer.keep();
}

inline void visit_all(const object_head* head, edge_visitor& visitor) {
    if (const auto visit = record_of(head)->visit) visit(object_of(head), visitor);
    if (const weak_cell* const cell = cell_of(head))
        for (attachment* a = cell->attachments; a != nullptr; a = a->next) a->visit(visitor);
}

inline void look_at_references(const object_head* head, look_answer& answer) {
    struct teller final : edge_visitor {
        look_answer& answer;
        explicit teller(look_answer& to) : answer(to) {}
        void edge(object_head* target) override { answer.put(target); }
    };
    const type_record* const record = record_of(head);
    const auto bit = [](bool is_set, look_order::bits which) { return is_set ? std::uint64_t{which} : 0; };
    answer.put(bit(record->own_type != nullptr, look_order::is_named_by_itself) |
               bit(is_tracked(head), look_order::is_in_care) | bit(is_immortal(head), look_order::is_immortal));
    answer.put(references_in(head->count));
    const std::size_t numbers = answer.next();
    answer.put(std::uint64_t{0});
    answer.put(std::uint64_t{0});
    if (const weak_cell* const cell = cell_of(head)) {
        answer.put(cell);
        for (const registration* each = cell->newest; each != nullptr; each = each->older) answer.put(each);
    }
    answer.set(numbers, answer.next() - numbers - 2);
    const std::size_t first = answer.next();
    teller tell(answer);
    visit_all(head, tell);
    answer.set(numbers + 1, answer.next() - first);
}

inline std::string label_between(const object_head* from, const object_head* to) {
    struct finder final : edge_path {
        const object_head* to;
        std::string found;
        explicit finder(const object_head* target) : to(target) {}
        void edge(object_head* target) override {
            if (target == to && found.empty()) found = label();
        }
    };
    finder find(to);
    find.start(from);
    visit_all(from, find);
    return find.found;
}

} // namespace krait::detail

extern "C" [[gnu::used, gnu::cold, gnu::visibility("hidden")]] KRAIT_OBJECT_DECL void
krait_objects_look(krait::detail::look_order* order) noexcept {
    using namespace krait::detail;
    look_answer answer(*order);
    const auto head = [order](std::size_t i) { return reinterpret_cast<const object_head*>(order->in[i]); }; // NOLINT
    if (order->wanted == look_order::list) {
        look_at_list(answer);
        order->done = answer.next(); // the words that it needs
        return;
    }
    for (std::size_t& i = order->done; i < order->count; ++i) {
        if (order->wanted == look_order::references)
            look_at_references(head(i), answer);
        else if (order->wanted == look_order::names)
            answer.put(display_name(head(i)));
        else
            answer.put(label_between(head(2 * i), head(2 * i + 1)));
        if (!answer.keep()) return;
    }
}

// Once in a program or library, whichever of its files has it.
asm(".pushsection .note.krait,\"aG\",%note,krait_objects_look_note,comdat\n"
    ".balign 4\n"
    ".long 6, 8, " KRAIT_LOOK_NOTE_TYPE_TEXT "\n" // bytes of the name, bytes of what follows it, type
    ".asciz \"krait\"\n"
    ".balign 4\n"
    ".quad krait_objects_look - .\n"
    ".popsection\n");
