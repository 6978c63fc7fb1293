#pragma once

#include "core/heap.hpp"
#include "model/memory_subject.hpp"
#include "model/totals.hpp"

#include <algorithm>
#include <stdexcept>

namespace krait::model {

// krait's heap without thread caches: block by block, as pymalloc works. What the heap does not do itself is done here
// as the library does it: requests that are not small give a foreign block (null), and realloc is composed of the rest.
template <class Geometry>
class heap_subject final : public memory_subject {
  public:
    // Throws std::runtime_error if the layout is not the geometry's, or no address range of that size can be had.
    explicit heap_subject(const layout& l, free_pages pages = free_pages::kept) : memory_subject(l), layout_(l) {
        if (Geometry::arena_size != l.arena_bytes || Geometry::pool_size != l.pool_bytes ||
            Geometry::alignment != l.alignment || Geometry::class_count != l.classes())
            throw std::runtime_error("the layout is not the geometry's");
        const std::size_t arenas = l.arena_limit == unlimited ? ample_bytes / l.arena_bytes : l.arena_limit;
        if (!heap_.open(
                {arenas * l.arena_bytes, l.pool_header, pages == free_pages::kept ? pymallocs_rule : nothing_kept}))
            throw std::runtime_error("the heap cannot reserve its address range");
        if (heap_.address_range().arena_limit() != arenas)
            throw std::runtime_error("the heap's address range holds another number of arenas than was asked for");
    }
    ~heap_subject() override { heap_.close(); }
    heap_subject(const heap_subject&) = delete;
    heap_subject& operator=(const heap_subject&) = delete;

    std::string name() const override { return "krait"; }

    std::string statistics() override {
        const auto arenas = heap_.count_arenas();
        totals t{{}, arenas.free_pools, arenas.created, arenas.released, arenas.highwater};
        for (unsigned szidx = 0; szidx < Geometry::class_count; ++szidx) {
            const auto c = heap_.count_class(szidx);
            t.classes.push_back({c.pools, c.blocks_used, c.blocks_available});
        }
        return in_cpythons_words(t, layout_);
    }

  private:
    static constexpr std::size_t ample_bytes = std::size_t{1} << 30; // more than any trace keeps live

    static constexpr reserve_settings pymallocs_rule{0, 0, -1};
    static constexpr reserve_settings nothing_kept{0, 0, 0};

    void* allocate(std::size_t bytes) override {
        if (!Geometry::is_small(bytes)) return nullptr;
        const unsigned szidx = Geometry::szidx_of(bytes);
        void* block = heap_.allocate(szidx);
        if (block && (!heap_.owns(block) || heap_.class_at(block) != szidx + 1))
            throw std::runtime_error("the heap does not know its own block");
        observe(block, nullptr);
        return block;
    }

    void* reallocate(void* block, std::size_t old_bytes, std::size_t bytes) override {
        if (!block || realloc_keeps_block(bytes, Geometry::class_size(heap_.class_at(block) - 1u))) return block;
        void* moved = allocate(bytes);
        if (moved) std::copy_n(static_cast<char*>(block), std::min(old_bytes, bytes), static_cast<char*>(moved));
        release(block);
        return moved;
    }

    void release(void* block) override {
        if (!block) return;
        heap_.deallocate(block);
        observe(nullptr, block);
    }

    void observe(const void* gave, const void* took_back) {
        const auto arenas = heap_.count_arenas();
        ledger().observe(arenas.created, arenas.released, gave, took_back);
    }

    heap<Geometry> heap_;
    layout layout_;
};

} // namespace krait::model
