// The slow paths of requests (call tree: process.hpp).
#include "core/process.hpp"

#include "core/process_life.hpp"
#include "core/process_runs.hpp"
#include "core/system_blocks.hpp"
#include "os/chunk.hpp"
#include "os/clock.hpp"
#include "os/gone_thread.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace krait::process {

namespace {

// Where malloc found a first block that is not intact, the list is given up: its blocks count as in use for ever.
void check_bin(cache_type& cache, unsigned szidx) noexcept {
    const block* const first = cache.first_of(szidx);
    std::size_t const class_size = geometry_type::class_size(szidx);
    if (KRAIT_LIKELY(first == nullptr) || freed_mark<geometry_type>::is_intact(first, class_size)) return;
    refuse_damaged(first, class_size);
    cache.give_up(szidx);
}

void* allocate_from_heap(record_type& own, unsigned szidx) noexcept {
    cache_type& cache = own.cache;
    check_bin(cache, szidx);
    settle(own);
    const bool has_cache = cache.is_started();
    auto* taken = static_cast<block*>(has_cache ? cache.refill(szidx, the_heap, the_depot) : the_heap.allocate(szidx));
    if (taken == nullptr) return nullptr;
    std::size_t const class_size = geometry_type::class_size(szidx);
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
    const inside_scope inside(record_of_mine());
    return KRAIT_LIKELY(inside.is_in()) ? allocate_from_heap(inside.own(), szidx) : nullptr;
}

// Everything free goes back, the system allocator's too.
void trim_all() noexcept {
    collect();
    system_blocks::trim(0);
}

// Near the limit, when it is time to.
[[gnu::cold, gnu::noinline]] void trim_if_due() noexcept {
    if (is_within() || !the_limit.take_trim()) return;
    std::uint32_t const began_ms = os::clock_ms();
    trim_all();
    the_limit.trimmed(began_ms);
}

[[gnu::noinline]] bool is_granted(std::size_t bytes) noexcept {
    using answer = memory_limit::answer;
    if (is_within()) return true; // no lock may be taken
    answer given = the_limit.ask(bytes);
    if (given == answer::refused) {
        trim_all();
        given = the_limit.ask(bytes);
    }
    if (KRAIT_UNLIKELY(the_limit.is_near())) trim_if_due();
    if (given != answer::refused) return true;
    the_limit.count_refusal();
    errno = ENOMEM;
    return false;
}

// Whether the limit on the process's memory lets the system allocator have `bytes` more. If not, errno is ENOMEM.
bool may_pass(std::size_t bytes) noexcept { return KRAIT_LIKELY(!the_limit.is_set()) || is_granted(bytes); }

// realloc's case: only what the block grows by is asked for.
bool may_grow(void* address, std::size_t bytes) noexcept {
    if (KRAIT_LIKELY(!the_limit.is_set())) return true;
    std::size_t const held = os::system_usable_size(address);
    return bytes <= held || is_granted(bytes - held);
}

// What the system allocator answers. Where it has no memory while krait has some that nobody uses, it is asked again.
template <class Ask>
void* from_system(std::size_t bytes, Ask ask) noexcept {
    const auto ask_inside = [&ask] {
        system_blocks::in_system const inside;
        void* const block = ask();
        system_blocks::count_in(block);
        return block;
    };
    os::leave_for_when_gone(&this_thread.record->cache); // what led here looked at it
    void* block = ask_inside();
    the_heap_end.look();
    if (KRAIT_UNLIKELY(block == nullptr) && make_room(bytes)) block = ask_inside();
    system_blocks::settle();
    return block;
}

void release_to_system(void* address) noexcept {
    os::leave_for_when_gone(&this_thread.record->cache);
    system_blocks::release(address);
    the_heap_end.look();
    system_blocks::settle();
}

// As the system allocator aligns its blocks. A large cache has no business with other addresses: free(3) is to hear of
// them, and says what is wrong.
bool is_aligned(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) % alignof(std::max_align_t) == 0;
}

// What glibc would often follow into nowhere: its words before such an address are those of a block, shifted.
bool is_nobody_s(const void* address) noexcept { return KRAIT_UNLIKELY(!is_aligned(address)) && os::chunk::is_glibc(); }

// The program's mistake of using a block that it freed: found while a large cache, of whatever thread, holds it.
bool is_freed(const void* address) noexcept {
    return large_bytes.get() != 0 && is_aligned(address) && KRAIT_UNLIKELY(large_cache::is_held(address)) &&
           os::system_usable_size(const_cast<void*>(address)) >= large_cache::least_request;
}

// Of an address that may not be the system allocator's live block. With the line written, if it is none.
[[gnu::cold, gnu::noinline]] bool is_refused(request asked, void* address) noexcept {
    if (is_nobody_s(address)) {
        refuse_misaligned(asked, address);
        return true;
    }
    const bool is_held = is_freed(address);
    if (is_held) refuse_held(asked, address);
    return is_held;
}

// Of an address that is not krait's. With the line written, if so.
bool is_no_live_block(request asked, void* address) noexcept {
    const bool is_suspect = !is_aligned(address) || large_cache::is_held(address);
    return KRAIT_UNLIKELY(is_suspect) && is_refused(asked, address);
}

// For a block of the system allocator's. False in a signal handler that interrupted krait's own code, among others.
bool uses_large_cache(const record_type& own) noexcept {
    return own.presence.is_outside() && own.cache.large().is_open() && !the_runs.is_open();
}

void* take_large(record_type& own, unsigned band) noexcept {
    const inside_scope inside(&own);
    return inside.is_in() ? own.cache.large().pop(band) : nullptr;
}

[[gnu::noinline]] bool keep_large(record_type& own, unsigned band, void* freed) noexcept {
    const inside_scope inside(&own);
    return inside.is_in() && own.cache.large().push(band, freed);
}

// A request that goes past the pools: a block of this thread's or of a run, or the bytes to ask the system allocator
// for; or none may be asked for, and errno is ENOMEM.
struct passing {
    void* cached;
    std::size_t to_ask;
    bool is_refused;
};

passing pass(std::size_t bytes) noexcept {
    record_type* const own = record_of_mine();
    if (KRAIT_UNLIKELY(own == nullptr)) return {nullptr, bytes, !may_pass(bytes)};
    if (KRAIT_UNLIKELY(serves_in_runs(bytes))) {
        if (!may_pass(bytes)) return {nullptr, 0, true};
        if (void* const block = allocate_in_run(*own, bytes)) return {block, 0, false};
    }
    own->passthrough.count(bytes);
    const unsigned band = large_cache::band_of_request(bytes);
    const bool is_cached = band != large_cache::no_band && uses_large_cache(*own);
    if (is_cached) {
        if (void* const block = take_large(*own, band)) return {block, 0, false};
    }
    if (!may_pass(bytes)) return {nullptr, 0, true};
    return {nullptr, is_cached ? own->cache.large().size_to_ask(band, bytes) : bytes, false};
}

[[gnu::noinline]] void* allocate_large_slow(std::size_t bytes) noexcept {
    const passing way = pass(bytes);
    if (way.cached != nullptr || KRAIT_UNLIKELY(way.is_refused)) return way.cached;
    return from_system(way.to_ask, [&way] { return os::system_malloc(way.to_ask); });
}

// Before a request for the system allocator's block: whose it is and how large caches are is decided by the process's
// set-up, which another thread may be in the middle of.
void await_set_up() noexcept {
    if (KRAIT_UNLIKELY(this_thread.record == &nobody)) open();
}

void* reallocate_foreign(void* address, std::size_t bytes) noexcept {
    await_set_up();
    if (KRAIT_UNLIKELY(is_no_live_block(request::resize, address))) {
        errno = EINVAL;
        return nullptr;
    }
    if (bytes != 0 && !may_grow(address, bytes)) return nullptr;
    system_blocks::count_out(address);
    if (bytes == 0) return os::system_realloc(address, 0);
    void* const moved = from_system(bytes, [=] { return os::system_realloc(address, bytes); });
    if (KRAIT_UNLIKELY(moved == nullptr)) system_blocks::count_in(address); // the block it has stays
    return moved;
}

// From a thread that keeps no large blocks, or of what is no block, or of one that a cache has already.
[[gnu::noinline]] void deallocate_foreign_slow(void* address) noexcept {
    await_set_up();
    if (KRAIT_UNLIKELY(is_no_live_block(request::release, address))) return;
    release_to_system(address);
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

// This thread has no record, or the range was smaller when it looked last.
[[gnu::noinline]] void deallocate_unseen(void* address) noexcept {
    if (this_thread.record == &nobody) {
        if (claim(standing::unsure) == nullptr) return deallocate_without_record(address);
    } else {
        this_thread.view.become(the_heap.address_range().view());
    }
    deallocate(address);
}

std::size_t usable_size_foreign(void* address) noexcept {
    if (address == nullptr) return 0;
    await_set_up();
    if (KRAIT_LIKELY(!is_freed(address))) return os::system_usable_size(address);
    refuse_held(request::measure, address);
    return 0;
}

} // namespace

void* allocate_slow(std::size_t bytes) noexcept {
    if (bytes == 0) return allocate_large(0);
    if (void* const block = allocate_inside(geometry_type::szidx_of(bytes)); KRAIT_LIKELY(block != nullptr)) {
        if (KRAIT_UNLIKELY(the_limit.is_near())) trim_if_due();
        return block;
    }
    if (!may_pass(geometry_type::pool_size)) return nullptr; // where not even a pool may get pages, nothing else may
    return from_system(bytes, [bytes] { return os::system_malloc(bytes); });
}

void* allocate_large(std::size_t bytes) noexcept {
    record_type& own = *this_thread.record;
    const unsigned band = large_cache::band_of_request(bytes);
    if (KRAIT_LIKELY(band != large_cache::no_band && own.presence.is_outside())) {
        if (void* const block = own.cache.large().pop_first(band); KRAIT_LIKELY(block != nullptr)) {
            own.passthrough.count(bytes);
            return block;
        }
        if (void* const block = own.cache.large().pop_first_of_source(band)) return block; // a band is a class of runs
    }
    return allocate_large_slow(bytes);
}

void deallocate_slow(void* address) noexcept {
    record_type& own = *record_of_mine(); // it has one: its view owns the block
    const unsigned bin_index = the_heap.class_at(address);
    own.cache.refuse(bin_index);
    const inside_scope inside(&own);
    if (KRAIT_UNLIKELY(!inside.is_in())) return own.cache.let_wait(bin_index, address);
    settle(own);
    if (KRAIT_UNLIKELY(!own.cache.is_started())) return the_heap.deallocate(address);
    own.cache.overflow(bin_index - 1, address, the_heap, the_depot);
}

void deallocate_suspect(void* address) noexcept {
    const unsigned bin_index = the_heap.class_at(address);
    if (run_heap_type::is_class_byte(bin_index)) return deallocate_in_run(address, bin_index);
    if (KRAIT_UNLIKELY(is_another_s(address, bin_index))) return release_to_system(address);
    if (is_misused(request::release, address, bin_index)) return;
    if (!this_thread.record->cache.push(bin_index, address)) deallocate_slow(address);
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

void deallocate_foreign(void* address) noexcept {
    if (address == nullptr) return;
    if (KRAIT_UNLIKELY(the_heap.owns(address))) return deallocate_unseen(address);
    record_type& own = *this_thread.record;
    if (KRAIT_UNLIKELY(!own.presence.is_outside() || !own.cache.large().takes_system_blocks() || !is_aligned(address) ||
                       large_cache::is_held(address)))
        return deallocate_foreign_slow(address);
    const unsigned band = large_cache::band_of_block(os::chunk::usable_size(address, large_cache::most_usable()));
    if (band == large_cache::no_band || KRAIT_UNLIKELY(os::chunk::may_be_in_tcache(address)))
        return release_to_system(address);
    if (KRAIT_LIKELY(own.cache.large().push_first(band, address))) return;
    if (!keep_large(own, band, address)) release_to_system(address);
}

void* reallocate(void* address, std::size_t bytes) noexcept {
    if (address == nullptr) return allocate(bytes);
    std::size_t const offset = the_heap.offset_of(address);
    if (!the_heap.owns(offset)) return reallocate_foreign(address, bytes);
    if (bytes == 0) {
        deallocate(address);
        return nullptr;
    }
    const unsigned bin_index = the_heap.class_at(offset);
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) {
        if (run_heap_type::is_class_byte(bin_index)) return reallocate_in_run(address, bin_index, bytes);
        if (is_another_s(address, bin_index)) return reallocate_foreign(address, bytes);
        if (is_misused(request::resize, address, bin_index)) {
            errno = EINVAL;
            return nullptr;
        }
    }
    std::size_t const held = geometry_type::class_size(bin_index - 1);
    return realloc_keeps_block(bytes, held) ? address : move_block(address, held, bytes, bytes);
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
    const passing way = pass(total);
    if (way.cached != nullptr) return std::memset(way.cached, 0, total);
    if (KRAIT_UNLIKELY(way.is_refused)) return nullptr;
    return from_system(way.to_ask, [&way] { return os::system_calloc(1, way.to_ask); });
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
    // With a pool reserve, blocks start 16 bytes off.
    constexpr std::size_t most = geometry_type::small_request_threshold;
    if (alignment <= geometry_type::alignment && bytes != 0) return allocate(bytes);
    record_type* const own = record_of_mine(); // and set-up, which decides on the pool reserve
    if (alignment <= most && bytes - 1 < most && the_heap.pool_reserve() == 0) {
        std::size_t const rounded = rounded_for(alignment, bytes);
        if (rounded <= most) {
            void* const block = allocate(rounded);
            if ((reinterpret_cast<std::uintptr_t>(block) & (alignment - 1)) == 0) return block;
            deallocate(block); // the heap had no arena left and the system allocator served it
        }
    }
    if (KRAIT_UNLIKELY(the_runs.is_open()) && alignment <= run_classes::most && bytes - 1 < run_classes::most) {
        std::size_t const rounded = rounded_for(alignment, bytes);
        if (rounded > most && rounded <= run_classes::most) {
            void* const block = allocate_large(rounded);
            if ((reinterpret_cast<std::uintptr_t>(block) & (alignment - 1)) == 0) return block;
            deallocate(block);
        }
    }
    if (KRAIT_LIKELY(own != nullptr)) own->passthrough.count(bytes);
    if (!may_pass(bytes)) return nullptr;
    return from_system(bytes, [=] { return os::system_memalign(alignment, bytes); });
}

std::size_t usable_size(void* address) noexcept {
    if (!the_heap.owns(address)) return usable_size_foreign(address);
    const unsigned bin_index = the_heap.class_at(address);
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) {
        if (run_heap_type::is_class_byte(bin_index)) return usable_size_in_run(address, bin_index);
        if (is_another_s(address, bin_index)) return usable_size_foreign(address);
        if (is_misused(request::measure, address, bin_index)) return 0;
    }
    return geometry_type::class_size(bin_index - 1);
}

} // namespace krait::process
