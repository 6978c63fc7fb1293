// The slow paths of requests (call tree: process.hpp).
#include "core/process.hpp"

#include "core/process_life.hpp"
#include "os/chunk.hpp"
#include "os/clock.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace krait::process {

namespace {

using state = cache_type::state;

// The threads library ends a detached thread by freeing what belonged to others, after the last moment at which krait could be
// told of its end: a cache that it got then would stay in the list of caches when its memory is gone. Such an end has at most so
// many frees: glibc keeps 40 MiB of stacks, 16 KiB the smallest, each with some blocks.
constexpr std::uint32_t most_frees_at_an_end = (std::uint32_t{40} << 20) / (16 << 10) * 12;

// So a thread that never allocated gets a cache only when it has freed more often than that since krait asked to be told of its
// end: either it asked in time, and the thread has not ended, or the thread would have by now. It is not asked for at the first
// free, as what glibc may allocate for that in the middle of an end is lost.
constexpr std::uint32_t frees_to_be_watched = 1000;

bool is_due_to_be_born(cache_type& cache) noexcept {
    std::uint32_t const frees = ++cache.frees_unborn;
    if (frees == frees_to_be_watched && !watch_for_end(cache)) cache.frees_unborn = 0;
    return frees > frees_to_be_watched + most_frees_at_an_end;
}

/// Where malloc found a first block that is not intact, the list is given up: its blocks count as in use for ever.
void check_bin(cache_type& cache, unsigned szidx) noexcept {
    const block* const first = cache.first_of(szidx);
    std::size_t const class_size = geometry_type::class_size(szidx);
    if (KRAIT_LIKELY(first == nullptr) || freed_mark<geometry_type>::is_intact(first, class_size)) return;
    refuse_damaged(first, class_size);
    cache.give_up(szidx);
}

void* allocate_from_heap(cache_type& cache, unsigned szidx) noexcept {
    check_bin(cache, szidx);
    bool const is_live = cache.now() == state::live;
    aside_scope const scope(cache);
    if (is_live) honour_collections(cache);
    auto* taken = static_cast<block*>(is_live ? cache.refill(szidx, the_heap, the_depot) : the_heap.allocate(szidx));
    if (taken == nullptr) return nullptr;
    std::size_t const class_size = geometry_type::class_size(szidx);
    if (is_live && KRAIT_UNLIKELY(!freed_mark<geometry_type>::is_intact(taken, class_size))) {
        refuse_damaged(taken, class_size);
        cache.give_up(szidx);
        taken = static_cast<block*>(the_heap.allocate(szidx));
        if (taken == nullptr) return nullptr;
    }
    freed_mark<geometry_type>::take_off(taken, class_size);
    return taken;
}

/// Everything free goes back, the system allocator's too.
void trim_all() noexcept {
    collect();
    aside_scope const scope(this_cache); // looking the function up may allocate
    os::system_trim(0);
}

/// Near the limit, when it is time to.
[[gnu::cold, gnu::noinline]] void trim_if_due() noexcept {
    if (this_cache.now() == state::aside || !the_limit.take_trim()) return;
    std::uint32_t const began_ms = os::clock_ms();
    trim_all();
    the_limit.trimmed(began_ms);
}

[[gnu::noinline]] bool is_granted(std::size_t bytes) noexcept {
    using answer = memory_limit::answer;
    if (this_cache.now() == state::aside) return true; // a signal handler in krait's own code: no lock may be taken
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

/// Whether the limit on the process's memory lets the system allocator have `bytes` more. If not, errno is ENOMEM.
bool may_pass(std::size_t bytes) noexcept { return KRAIT_LIKELY(!the_limit.is_set()) || is_granted(bytes); }

/// realloc's case: only what the block grows by is asked for.
bool may_grow(void* address, std::size_t bytes) noexcept {
    if (KRAIT_LIKELY(!the_limit.is_set())) return true;
    std::size_t const held = os::system_usable_size(address);
    return bytes <= held || is_granted(bytes - held);
}

/// What the system allocator answers. Where it has no memory while krait has some that nobody uses, it is asked again.
template <class Ask>
void* from_system(std::size_t bytes, Ask ask) noexcept {
    void* const block = ask();
    the_heap_end.look();
    if (KRAIT_LIKELY(block != nullptr)) return block;
    return make_room(bytes) ? ask() : nullptr;
}

void release_to_system(void* address) noexcept {
    os::system_free(address);
    the_heap_end.look();
}

bool uses_large_cache(const cache_type& cache) noexcept {
    return cache.now() == state::live && cache.large().is_open();
}

/// As the system allocator aligns its blocks. A large cache has no business with other addresses: free(3) is to hear of them, and
/// says what is wrong.
bool is_aligned(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) % alignof(std::max_align_t) == 0;
}

/// What glibc would often follow into nowhere: its words before such an address are those of a block, shifted.
bool is_nobody_s(const void* address) noexcept { return KRAIT_UNLIKELY(!is_aligned(address)) && os::chunk::is_glibc(); }

/// The program's mistake of using a block that it freed: found while a large cache, of whatever thread, holds it.
bool is_freed(const void* address) noexcept {
    return large_bytes.get() != 0 && is_aligned(address) && KRAIT_UNLIKELY(large_cache::is_held(address)) &&
           os::system_usable_size(const_cast<void*>(address)) >= large_cache::least_request;
}

/// Of an address that may not be the system allocator's live block. With the line written, if it is none.
[[gnu::cold, gnu::noinline]] bool is_refused(request asked, void* address) noexcept {
    if (is_nobody_s(address)) {
        refuse_misaligned(asked, address);
        return true;
    }
    bool const is_held = is_freed(address);
    if (is_held) refuse_held(asked, address);
    return is_held;
}

/// Of an address that is not krait's. With the line written, if so.
bool is_no_live_block(request asked, void* address) noexcept {
    bool const is_suspect = !is_aligned(address) || large_cache::is_held(address);
    return KRAIT_UNLIKELY(is_suspect) && is_refused(asked, address);
}

void* take_large(cache_type& cache, unsigned band) noexcept {
    aside_scope const scope(cache);
    return cache.large().pop(band);
}

[[gnu::noinline]] bool keep_large(cache_type& cache, unsigned band, void* freed) noexcept {
    aside_scope const scope(cache);
    return cache.large().push(band, freed);
}

[[gnu::noinline]] void* allocate_large_slow(cache_type& cache, std::size_t bytes, unsigned band) noexcept {
    if (KRAIT_UNLIKELY(cache.now() == state::unborn)) be_born();
    cache.passthrough.count(bytes);
    bool const is_cached = band != large_cache::no_band && uses_large_cache(cache);
    if (is_cached) {
        if (void* const block = take_large(cache, band)) return block;
    }
    if (!may_pass(bytes)) return nullptr;
    std::size_t const wanted = is_cached ? cache.large().size_to_ask(band, bytes) : bytes;
    return from_system(wanted, [wanted] { return os::system_malloc(wanted); });
}

/// Before a request for the system allocator's block: whose it is and how large caches are is decided by the process's set-up,
/// which another thread may be in the middle of.
void await_set_up() noexcept {
    if (KRAIT_UNLIKELY(this_cache.now() == state::unborn)) open();
}

void* reallocate_foreign(void* address, std::size_t bytes) noexcept {
    await_set_up();
    if (KRAIT_UNLIKELY(is_no_live_block(request::resize, address))) {
        errno = EINVAL;
        return nullptr;
    }
    if (bytes == 0) return os::system_realloc(address, 0);
    if (!may_grow(address, bytes)) return nullptr;
    return from_system(bytes, [=] { return os::system_realloc(address, bytes); });
}

/// From a thread that keeps no large blocks, or of what is no block, or of one that a cache has already.
[[gnu::noinline]] void deallocate_foreign_slow(void* address) noexcept {
    await_set_up();
    if (KRAIT_UNLIKELY(is_no_live_block(request::release, address))) return;
    release_to_system(address);
}

/// The range was smaller, or not there yet, when this thread looked last.
[[gnu::noinline]] void deallocate_unseen(void* address) noexcept {
    this_cache.see(the_heap.address_range().view());
    deallocate(address);
}

/// An owned address at which an arena was once, and somebody else's mapping is now.
bool is_another_s(const void* address, unsigned bin_index) noexcept {
    return bin_index == 0 && the_heap.is_in_hole(address) && os::is_mapped(address);
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
    cache_type& cache = this_cache;
    if (KRAIT_UNLIKELY(cache.now() == state::unborn)) {
        be_born();
        return allocate(bytes);
    }
    if (KRAIT_LIKELY(cache.now() != state::aside)) {
        if (void* const block = allocate_from_heap(cache, geometry_type::szidx_of(bytes));
            KRAIT_LIKELY(block != nullptr)) {
            if (KRAIT_UNLIKELY(the_limit.is_near())) trim_if_due();
            return block;
        }
        if (!may_pass(geometry_type::pool_size))
            return nullptr; // where not even a pool may get pages, nothing else may
    }
    return from_system(bytes, [bytes] { return os::system_malloc(bytes); });
}

void* allocate_large(std::size_t bytes) noexcept {
    cache_type& cache = this_cache;
    unsigned const band = large_cache::band_of_request(bytes);
    if (KRAIT_LIKELY(band != large_cache::no_band && cache.now() == state::live)) {
        if (void* const block = cache.large().pop_first(band); KRAIT_LIKELY(block != nullptr)) {
            cache.passthrough.count(bytes);
            return block;
        }
    }
    return allocate_large_slow(cache, bytes, band);
}

void deallocate_slow(void* address) noexcept {
    cache_type& cache = this_cache;
    unsigned const bin_index = the_heap.class_at(address);
    switch (cache.now()) {
    case state::aside:
        cache.refuse(bin_index);
        return cache.let_wait(bin_index, address);
    case state::live: {
        aside_scope const scope(cache);
        cache.refuse(bin_index);
        honour_collections(cache);
        return cache.overflow(bin_index - 1, address, the_heap, the_depot);
    }
    case state::unborn:
        if (is_due_to_be_born(cache)) {
            cache.refuse(bin_index);
            be_born();
            if (!cache.push(bin_index, address)) deallocate_slow(address);
            return;
        }
        [[fallthrough]];
    case state::uncached: {
        aside_scope const scope(cache);
        cache.refuse(bin_index);
        return the_heap.deallocate(address);
    }
    }
}

void deallocate_suspect(void* address) noexcept {
    unsigned const bin_index = the_heap.class_at(address);
    if (KRAIT_UNLIKELY(is_another_s(address, bin_index))) return release_to_system(address);
    if (is_misused(request::release, address, bin_index)) return;
    if (!this_cache.push(bin_index, address)) deallocate_slow(address);
}

void deallocate_sized_slow(void* address, std::size_t bytes) noexcept {
    if (the_heap.owns(address)) {
        unsigned const bin_index = the_heap.class_at(address);
        if (bin_index != bin_of(bytes)) refuse_size(address, bin_index);
    }
    deallocate(address);
}

void deallocate_foreign(void* address) noexcept {
    if (address == nullptr) return;
    if (KRAIT_UNLIKELY(the_heap.owns(address))) return deallocate_unseen(address);
    cache_type& cache = this_cache;
    if (KRAIT_UNLIKELY(cache.now() != state::live || !cache.large().has_shelves() || !is_aligned(address) ||
                       large_cache::is_held(address)))
        return deallocate_foreign_slow(address);
    unsigned const band = large_cache::band_of_block(os::chunk::usable_size(address, large_cache::most_usable()));
    if (band == large_cache::no_band || KRAIT_UNLIKELY(os::chunk::may_be_in_tcache(address)))
        return release_to_system(address);
    if (KRAIT_LIKELY(cache.large().push_first(band, address))) return;
    if (!keep_large(cache, band, address)) release_to_system(address);
}

void* reallocate(void* address, std::size_t bytes) noexcept {
    if (address == nullptr) return allocate(bytes);
    std::size_t const offset = the_heap.offset_of(address);
    if (!the_heap.owns(offset)) return reallocate_foreign(address, bytes);
    if (bytes == 0) {
        deallocate(address);
        return nullptr;
    }
    unsigned const bin_index = the_heap.class_at(offset);
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) {
        if (is_another_s(address, bin_index)) return reallocate_foreign(address, bytes);
        if (is_misused(request::resize, address, bin_index)) {
            errno = EINVAL;
            return nullptr;
        }
    }
    std::size_t const held = geometry_type::class_size(bin_index - 1);
    if (realloc_keeps_block(bytes, held)) return address;
    int const error = errno;
    void* const moved = allocate(bytes);
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
    cache_type& cache = this_cache;
    if (KRAIT_UNLIKELY(cache.now() == state::unborn)) be_born();
    cache.passthrough.count(total);
    unsigned const band = large_cache::band_of_request(total);
    bool const is_cached = band != large_cache::no_band && uses_large_cache(cache);
    if (is_cached) {
        if (void* const block = take_large(cache, band)) return std::memset(block, 0, total);
    }
    if (!may_pass(total)) return nullptr;
    std::size_t const wanted = is_cached ? cache.large().size_to_ask(band, total) : total;
    return from_system(wanted, [wanted] { return os::system_calloc(1, wanted); });
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
    // With a pool reserve, blocks start 16 bytes off.
    constexpr std::size_t most = geometry_type::small_request_threshold;
    if (alignment <= geometry_type::alignment && bytes != 0) return allocate(bytes);
    if (KRAIT_UNLIKELY(this_cache.now() == state::unborn)) be_born(); // set-up decides on the pool reserve
    if (alignment <= most && bytes - 1 < most && the_heap.pool_reserve() == 0) {
        std::size_t const rounded = rounded_for(alignment, bytes);
        if (rounded <= most) {
            void* const block = allocate(rounded);
            if ((reinterpret_cast<std::uintptr_t>(block) & (alignment - 1)) == 0) return block;
            deallocate(block); // the heap had no arena left and the system allocator served it
        }
    }
    this_cache.passthrough.count(bytes);
    if (!may_pass(bytes)) return nullptr;
    return from_system(bytes, [=] { return os::system_memalign(alignment, bytes); });
}

std::size_t usable_size(void* address) noexcept {
    if (!the_heap.owns(address)) return usable_size_foreign(address);
    unsigned const bin_index = the_heap.class_at(address);
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) {
        if (is_another_s(address, bin_index)) return usable_size_foreign(address);
        if (is_misused(request::measure, address, bin_index)) return 0;
    }
    return geometry_type::class_size(bin_index - 1);
}

} // namespace krait::process
