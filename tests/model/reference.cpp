#include "reference.hpp"

#include "totals.hpp"

#include <algorithm>

namespace krait::model {

outcome reference::perform(const step& s) {
    seen_.block.reset();
    switch (s.what) {
    case action::allocate:
        seen_.block = slots_[s.slot] = allocate(s.bytes);
        break;
    case action::reallocate:
        seen_.block = slots_[s.slot] = reallocate(slots_[s.slot], s.bytes);
        break;
    case action::release:
        release(slots_[s.slot]);
        break;
    }
    return seen_;
}

std::optional<placement> reference::allocate(std::size_t bytes) {
    if (!layout::is_small(bytes)) return std::nullopt;
    std::list<pool*>& pools = partial_[layout_.szidx(bytes)];
    if (pools.empty()) {
        pool* taken = take_pool(layout_.szidx(bytes));
        if (!taken) return std::nullopt;
        pools.push_front(taken);
    }
    pool& p = *pools.front();
    const placement block{p.home->number, p.number, p.free.front()};
    p.free.pop_front();
    ++p.live;
    carve_if_empty(p);
    if (p.free.empty()) pools.pop_front(); // it is full
    return block;
}

// A foreign block stays foreign. One of ours stays in place if the new size fits and uses more than three quarters.
std::optional<placement> reference::reallocate(std::optional<placement> block, std::size_t bytes) {
    if (!block) return std::nullopt;
    const std::size_t size = layout_.class_size(pool_of(*block).szidx);
    if (bytes <= size && 4 * bytes > 3 * size) return block;
    const std::optional<placement> moved = allocate(bytes);
    release(block);
    return moved;
}

void reference::release(std::optional<placement> block) {
    if (!block) return;
    pool& p = pool_of(*block);
    const bool was_full = p.free.empty();
    p.free.push_front(block->offset);
    --p.live;
    if (was_full) partial_[p.szidx].push_front(&p);
    if (p.live == 0) free_pool(p);
}

void reference::carve_if_empty(pool& p) const {
    const std::size_t size = layout_.class_size(p.szidx);
    if (!p.free.empty() || p.next_offset + size > layout_.pool_bytes) return;
    p.free.push_front(p.next_offset);
    p.next_offset += size;
}

reference::pool* reference::take_pool(std::size_t szidx) {
    if (usable_.empty() && !create_arena()) return nullptr;
    arena& a = *usable_.front();
    pool* p = nullptr;
    if (a.free.empty()) {
        p = &a.pools[a.never_used++];
    } else {
        p = a.free.front();
        a.free.pop_front();
    }
    if (a.free_pools() == 0) usable_.pop_front();

    if (!p->was_used || p->szidx != szidx) {
        p->was_used = true;
        p->szidx = szidx;
        p->free.clear();
        p->next_offset = layout_.pool_header;
        carve_if_empty(*p);
    }
    return p;
}

bool reference::create_arena() {
    if (arenas_.size() == layout_.arena_limit) return false;
    arena& a = arenas_[seen_.arenas_created];
    a = {seen_.arenas_created, std::vector<pool>(layout_.pools_per_arena()), {}, 0};
    for (std::size_t number = 0; number < a.pools.size(); ++number) a.pools[number] = {&a, number, 0, 0, {}, 0, false};
    usable_.push_front(&a);
    ++seen_.arenas_created;
    high_water_ = std::max(high_water_, arenas_.size());
    return true;
}

void reference::free_pool(pool& p) {
    arena& a = *p.home;
    partial_[p.szidx].remove(&p);
    a.free.push_front(&p);

    const bool was_last = !usable_.empty() && usable_.back() == &a;
    usable_.remove(&a);
    if (a.free_pools() == a.pools.size() && !was_last) {
        ++seen_.arenas_released;
        seen_.last_released = a.number;
        arenas_.erase(a.number);
        return;
    }
    auto equals = std::find_if(usable_.begin(), usable_.end(),
                               [&](const arena* other) { return other->free_pools() >= a.free_pools(); });
    usable_.insert(equals, &a);
}

std::string reference::statistics() {
    totals t{std::vector<class_totals>(layout_.classes()), 0, seen_.arenas_created, seen_.arenas_released, high_water_};
    for (const auto& [number, a] : arenas_) {
        t.unused_pools += a.free_pools();
        for (const pool& p : a.pools) {
            if (p.live == 0) continue;
            class_totals& c = t.classes[p.szidx];
            c.pools += 1;
            c.blocks += p.live;
            c.available += layout_.blocks_per_pool(p.szidx) - p.live;
        }
    }
    return in_cpythons_words(t, layout_);
}

} // namespace krait::model
