#pragma once

#include "vocabulary.hpp"

#include <list>
#include <map>
#include <vector>

namespace krait::model {

// pymalloc's rules, written to be read: no memory behind it, only the numbers of blocks, pools and arenas. It is slow
// on purpose; the program `fidelity --against model` proves it against CPython itself.
//
//   - A pool serves one class. Its blocks are carved one by one, and only when its list of free blocks is empty.
//   - A free block goes to the front of its pool's list, and an allocation takes the front: last in, first out.
//   - A class allocates from the first of its partial pools. A pool that became full is in no list; its first free
//     block puts it back at the front of the list.
//   - An empty pool goes to the front of its arena's free pools. A class that has no partial pool takes one from the
//     arena with the fewest free pools: the last one freed, else one never used before. A pool taken by the class that
//     had it last keeps its list of free blocks; for another class it starts anew.
//   - Usable arenas (with a free pool) are in order of their free pools, fewest first; an arena whose number grows goes
//   to
//     the front of its equals.
//   - An arena whose pools are all free is released, unless it was the last in that order when its last pool was freed.
class reference final : public subject {
  public:
    explicit reference(const layout& l) : layout_(l), partial_(l.classes()) {}

    std::string name() const override { return "model"; }
    outcome perform(const step& s) override;
    std::string statistics() override;

  private:
    struct arena;

    struct pool {
        arena* home;
        std::size_t number;
        std::size_t szidx;
        std::size_t live;            // blocks
        std::list<std::size_t> free; // offsets
        std::size_t next_offset;     // of the block to be carved next
        bool was_used;               // szidx, free and next_offset say how it was left
    };

    struct arena {
        std::size_t number; // by order of creation
        std::vector<pool> pools;
        std::list<pool*> free; // used before, empty now
        std::size_t never_used;
        std::size_t free_pools() const { return free.size() + pools.size() - never_used; }
    };

    std::optional<placement> allocate(std::size_t bytes);
    std::optional<placement> reallocate(std::optional<placement> block, std::size_t bytes);
    void release(std::optional<placement> block);

    pool& pool_of(const placement& block) { return arenas_.at(block.arena).pools[block.pool]; }
    void carve_if_empty(pool& p) const;
    pool* take_pool(std::size_t szidx);
    bool create_arena();
    void free_pool(pool& p);

    layout layout_;
    std::vector<std::list<pool*>> partial_; // for each szidx
    std::map<std::size_t, arena> arenas_;   // by number
    std::list<arena*> usable_;
    std::map<std::size_t, std::optional<placement>> slots_;
    outcome seen_;
    std::size_t high_water_ = 0;
};

} // namespace krait::model
