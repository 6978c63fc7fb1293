// The slow paths of requests (call tree: process.hpp).
#include "core/process.hpp"

#include "core/process_large.hpp"
#include "core/process_life.hpp"
#include "core/process_limit.hpp"
#include "core/process_runs.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace krait::process {

namespace {

using at_fork = os::gate::at_fork;

void* allocate_from_heap(record_type& own, unsigned szidx) noexcept {
    cache_type& cache = own.cache;
    const std::size_t class_size = geometry_type::class_size(szidx);
    cache.check_first(szidx, class_size);
    settle(own);
    const bool has_cache = cache.is_started();
    auto* taken = static_cast<block*>(has_cache ? cache.refill(szidx, the_heap, the_depot) : the_heap.allocate(szidx));
    if (taken == nullptr) return nullptr;
    if (has_cache && KRAIT_UNLIKELY(!freed_mark<geometry_type>::is_intact(taken, class_size))) {
        refuse_damaged(taken, class_size);
        cache.give_up(szidx);
        taken = static_cast<block*>(the_heap.allocate(szidx));
        if (taken == nullptr) return nullptr;
    }
    freed_mark<geometry_type>::take_off(taken, class_size);
    return taken;
}

void* allocate_inside(unsigned szidx) noexcept {
    const inside_scope inside(record_of_mine(), at_fork::goes_past);
    return KRAIT_LIKELY(inside.is_in()) ? allocate_from_heap(inside.own(), szidx) : nullptr;
}

// An owned address at which an arena was once, and somebody else's mapping is now.
bool is_another_s(const void* address, unsigned bin_index) noexcept {
    return bin_index == 0 && the_heap.is_in_hole(address) && os::is_mapped(address);
}

// An owned address, of a thread that has no record.
void deallocate_without_record(void* address) noexcept {
    const unsigned bin_index = the_heap.class_at(address);
    if (KRAIT_UNLIKELY(is_another_s(address, bin_index))) return release_to_system(address);
    const bool seems_one =
        run_heap_type::is_class_byte(bin_index) ? is_live_in_run(address, bin_index) : seems_live(address, bin_index);
    if (!seems_one && is_misused(request::release, address, bin_index)) return;
    orphan(address, bin_index);
}

// An owned address, in a pool or in none, where no block of the program's seems to start.
[[gnu::cold, gnu::noinline]] void deallocate_odd(void* address, unsigned bin_index) noexcept {
    if (is_another_s(address, bin_index)) return release_to_system(address);
    if (is_misused(request::release, address, bin_index)) return;
    if (!this_thread.record->cache.push(bin_index, address)) deallocate_slow(address);
}

// A block that this thread moved last because it grew, and that grows again, gets as much more as realloc would let it
// keep: its next growths find that. pymalloc's classes would have it moved at every 16 bytes.
void* grow_small(void* address, std::size_t held, std::size_t bytes) noexcept {
    record_type& own = *this_thread.record;
    const bool grows_again = own.grown.get() == address && own.cache.is_started();
    const bool has_more = grows_again && geometry_type::is_small(bytes);
    void* const moved =
        move_block(address, held, bytes, has_more ? most_that_realloc_keeps<geometry_type>(bytes) : bytes);
    if (KRAIT_LIKELY(this_thread.record != &nobody)) this_thread.record->grown.set(moved);
    return moved;
}

} // namespace

namespace {

[[gnu::noinline]] void* allocate_small(std::size_t bytes) noexcept {
    if (void* const block = allocate_inside(geometry_type::szidx_of(bytes)); KRAIT_LIKELY(block != nullptr)) {
        trim_near_limit();
        return block;
    }
    return allocate_past_pools(bytes);
}

} // namespace

void* allocate_slow(std::size_t bytes) noexcept {
    return geometry_type::is_small(bytes) ? allocate_small(bytes) : allocate_large(bytes);
}

void deallocate_slow(void* address) noexcept {
    record_type& own = *record_of_mine(); // it has one: its view owns the block
    const unsigned bin_index = the_heap.class_at(address);
    if (run_heap_type::is_class_byte(bin_index)) return deallocate_past_bin(bin_index, address);
    const inside_scope inside(&own, at_fork::goes_past);
    if (KRAIT_UNLIKELY(!inside.is_in())) return own.cache.let_wait(bin_index, address);
    settle(own);
    if (KRAIT_UNLIKELY(!own.cache.is_started())) return the_heap.deallocate(address);
    own.cache.overflow(bin_index - 1, address, the_heap, the_depot);
}

void deallocate_suspect(void* address) noexcept {
    const unsigned bin_index = the_heap.class_at(address);
    if (KRAIT_LIKELY(run_heap_type::is_class_byte(bin_index))) return deallocate_in_run(address, bin_index);
    deallocate_odd(address, bin_index);
}

void deallocate_sized_slow(void* address, std::size_t bytes) noexcept {
    if (the_heap.owns(address)) {
        const unsigned bin_index = the_heap.class_at(address);
        const unsigned named = run_heap_type::is_class_byte(bin_index)
                                   ? run_heap_type::first_class + run_classes::of_request(bytes)
                                   : static_cast<unsigned>(bin_of(bytes));
        if (bin_index != named) refuse_size(address, bin_index);
    }
    deallocate(address);
}

void deallocate_unseen(void* address) noexcept {
    if (this_thread.record == &nobody) {
        if (claim(standing::unsure) == nullptr) return deallocate_without_record(address);
    } else {
        this_thread.view.become(the_heap.address_range().view());
    }
    deallocate(address);
}

void* reallocate(void* address, std::size_t bytes) noexcept {
    if (address == nullptr) return allocate(bytes);
    const std::size_t offset = the_heap.offset_of(address);
    if (!the_heap.owns(offset)) return reallocate_foreign(address, bytes);
    if (bytes == 0) {
        deallocate(address);
        return nullptr;
    }
    const unsigned bin_index = the_heap.class_at(offset);
    if (run_heap_type::is_class_byte(bin_index)) return reallocate_in_run(address, bin_index, bytes);
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) {
        if (is_another_s(address, bin_index)) return reallocate_foreign(address, bytes);
        if (is_misused(request::resize, address, bin_index)) {
            errno = EINVAL;
            return nullptr;
        }
    }
    const std::size_t held = geometry_type::class_size(bin_index - 1);
    if (realloc_keeps_block(bytes, held)) return address;
    return bytes > held ? grow_small(address, held, bytes) : move_block(address, held, bytes, bytes);
}

void* move_block(void* address, std::size_t held, std::size_t bytes, std::size_t wanted) noexcept {
    const int error = errno;
    void* const moved = allocate(wanted);
    if (KRAIT_UNLIKELY(moved == nullptr)) {
        if (bytes > held) return nullptr;
        errno = error; // the block it has will do
        return address;
    }
    std::memcpy(moved, address, std::min(bytes, held));
    deallocate(address);
    return moved;
}

void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept {
    std::size_t total;
    if (KRAIT_UNLIKELY(__builtin_mul_overflow(count, bytes, &total))) {
        errno = ENOMEM;
        return nullptr;
    }
    if (KRAIT_LIKELY(geometry_type::is_small(total))) {
        void* const block = allocate(total);
        return block != nullptr ? std::memset(block, 0, total) : nullptr;
    }
    return allocate_large_zeroed(total);
}

namespace {

bool is_aligned_to(const void* block, std::size_t alignment) noexcept {
    return (reinterpret_cast<std::uintptr_t>(block) & (alignment - 1)) == 0;
}

[[gnu::noinline]] void* allocate_aligned_slow(std::size_t alignment, std::size_t bytes) noexcept {
    // With a pool reserve, blocks start 16 bytes off.
    constexpr std::size_t most = geometry_type::small_request_threshold;
    if (alignment <= geometry_type::alignment && bytes != 0) return allocate(bytes);
    static_cast<void>(record_of_mine()); // and set-up, which decides on the pool reserve
    if (alignment <= most && bytes - 1 < most && the_heap.pool_reserve() == 0) {
        const std::size_t rounded = rounded_for(alignment, bytes);
        if (rounded <= most) {
            void* const block = allocate(rounded);
            if (is_aligned_to(block, alignment)) return block;
            deallocate(block); // the heap had no arena left and the system allocator served it
        }
    }
    if (KRAIT_UNLIKELY(the_runs.is_open()) && alignment <= run_classes::most && bytes - 1 < run_classes::most) {
        const std::size_t rounded = rounded_for(alignment, bytes);
        if (rounded > most && rounded <= run_classes::most) {
            void* const block = allocate_large(rounded);
            if (is_aligned_to(block, alignment)) return block;
            deallocate(block);
        }
    }
    return allocate_large_aligned(alignment, bytes);
}

// With a pool reserve: a block that is not aligned as it has to be.
[[gnu::cold, gnu::noinline]] void* allocate_aligned_instead(void* unfit, std::size_t alignment,
                                                            std::size_t bytes) noexcept {
    deallocate(unfit);
    return allocate_aligned_slow(alignment, bytes);
}

} // namespace

// Blocks of a pool are aligned as their class says, unless there is a pool reserve. The block itself says which: the
// reserve is written by set-up, which may be under way in another thread.
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
    constexpr std::size_t most = geometry_type::small_request_threshold;
    if (KRAIT_LIKELY(alignment <= most) && KRAIT_LIKELY(bytes - 1 < most)) {
        const std::size_t rounded = rounded_for(alignment, bytes);
        if (KRAIT_LIKELY(rounded <= most)) {
            void* const block = allocate_at_once(rounded);
            if (KRAIT_LIKELY(block != nullptr)) {
                if (KRAIT_LIKELY(is_aligned_to(block, alignment))) return block;
                return allocate_aligned_instead(block, alignment, bytes);
            }
        }
    }
    return allocate_aligned_slow(alignment, bytes);
}

std::size_t usable_size(void* address) noexcept {
    if (!the_heap.owns(address)) return usable_size_foreign(address);
    const unsigned bin_index = the_heap.class_at(address);
    if (run_heap_type::is_class_byte(bin_index)) return usable_size_in_run(address, bin_index);
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) {
        if (is_another_s(address, bin_index)) return usable_size_foreign(address);
        if (is_misused(request::measure, address, bin_index)) return 0;
    }
    return geometry_type::class_size(bin_index - 1);
}

} // namespace krait::process
