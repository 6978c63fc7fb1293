// Objects of krait's object layer (krait/object), as the program itself knows them: exact, where words only look like
// pointers.
//
//   object    a block with a head that the collector of a thread tracks, or that such objects lead to
//   target    an object that a counted reference in a field leads to: the type says so, by reflection
//   outside   an object's count - references in fields of objects: how many there are on stacks, in variables, in
//             blocks that are no objects. Not known of immortal ones
//
//   between objects only targets are edges: a number in one that looks like a pointer is none, nor are the collector's
//   lists, which lead from each object to the next
//   from elsewhere a word leads to an object only where outside != 0: no other word can be a counted reference
//   to blocks that are no objects words lead as everywhere (heap_graph.hpp)
//
// The copy of the process answers, by krait_objects_look() in the program (krait/object/look.hpp). Objects that cannot
// be asked, as one in a container that was just being changed, count as other blocks: what they refer to then comes
// from outside.
//
// What it answers is not believed where krait could come to harm: no number of it says how much is read or kept but
// within the bounds of what was asked and is there. The first answer that contradicts itself is the last one.
#pragma once

#include "doctor/called_copy.hpp"
#include "doctor/heap_blocks.hpp"
#include "doctor/stopped_process.hpp"
#include "krait/object/look_order.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace krait::tools {

class exact_objects {
  public:
    // None yet.
    exact_objects(const picture_memory& memory, const heap_blocks& blocks) : memory_(memory), blocks_(blocks) {}

    // Asks the copy; where there is none, `caller` is empty, and `why_not` says why.
    void ask(std::optional<called_copy> caller, const std::string& why_not, const std::vector<stopped_thread>& threads);

    // Of a program without the object layer there is nothing to say.
    bool has_layer() const noexcept { return !functions_.empty(); }
    std::size_t count() const noexcept { return objects_.size(); }
    // Why not all of them are known; empty where all are.
    const std::string& why_not() const noexcept { return why_not_; }

    bool has(slot_id slot) const noexcept {
        return !is_object_.empty() && (is_object_[slot / 64] >> slot % 64 & 1) != 0;
    }
    // Whether a word of a block leads to the slot that it seems to lead to.
    bool is_edge(slot_id from, bool is_first_word, slot_id to) const noexcept {
        if (!has(to)) return true;
        return !has(from) && !(is_first_word && is_weak_node(from)) && is_held_outside(to);
    }
    bool is_root(foreign_address at, slot_id to) const noexcept {
        return !has(to) || (is_held_outside(to) && !is_in_lists(at));
    }
    bool is_held_outside(slot_id slot) const noexcept { return find(slot).outside != 0; }
    // References from outside; nothing for immortal objects, and for what is none.
    std::optional<std::uint32_t> outside(slot_id slot) const noexcept;
    bool is_in_care(slot_id slot) const noexcept;
    std::span<const slot_id> targets(slot_id from) const noexcept;

    // By its own type.
    const std::string& name_of(slot_id slot);
    // ".sessions[3]"; empty where that is not known.
    std::string label(slot_id from, slot_id to);
    std::size_t memory() const noexcept;

  private:
    struct object {
        slot_id slot = no_slot;
        std::uint32_t outside = 0; // first the count
        std::uint64_t bits = 0;
        foreign_address head = 0, record = 0;
        std::size_t first = 0; // of its targets
    };
    struct lists {
        foreign_address start, end;
    };
    using order = detail::look_order;

    void ask_thread(foreign_address function, const stopped_thread& thread);
    void ask_about(foreign_address function, const stopped_thread& thread, std::vector<foreign_address> heads);
    std::size_t take_answers(std::span<const foreign_address> asked, const order& answered);
    bool make_room(std::size_t words);
    void disbelieve();
    // As far as it came; the answer's words are in words_.
    bool give(foreign_address function, foreign_address thread_pointer, order& given,
              std::span<const std::uint64_t> in);
    std::string text_of(order::what wanted, std::span<const std::uint64_t> heads);
    void link();
    void say_why(std::string reason);

    const object& find(slot_id slot) const noexcept {
        return *std::lower_bound(objects_.begin(), objects_.end(), slot,
                                 [](const object& a, slot_id b) { return a.slot < b; });
    }
    bool is_weak_node(slot_id slot) const noexcept { return (is_weak_[slot / 64] >> slot % 64 & 1) != 0; }
    bool is_in_lists(foreign_address at) const noexcept {
        return std::any_of(lists_.begin(), lists_.end(), [at](const lists& l) { return at >= l.start && at < l.end; });
    }

    const picture_memory& memory_;
    const heap_blocks& blocks_;
    std::optional<called_copy> caller_;
    std::string why_not_;
    std::vector<foreign_address> functions_; // one for each file of the program's with the layer
    foreign_address order_at_ = 0, in_at_ = 0, out_at_ = 0;
    std::size_t in_room_ = 0, out_room_ = 0; // words
    foreign_address thread_pointer_ = 0;     // of the first thread that has one
    std::vector<std::uint64_t> words_;
    std::vector<object> objects_; // by slot, in the end
    std::vector<foreign_address> target_heads_;
    std::vector<slot_id> targets_;
    std::vector<std::uint64_t> is_object_, is_weak_;
    std::vector<lists> lists_;
    std::unordered_map<foreign_address, std::string> names_; // by record, or by object
};

} // namespace krait::tools
