#include "core/process_large.hpp"

#include "core/process_life.hpp"
#include "core/process_limit.hpp"
#include "core/process_runs.hpp"
#include "core/system_blocks.hpp"
#include "os/chunk.hpp"
#include "os/gone_thread.hpp"

#include <cerrno>
#include <cstring>

namespace krait::process {

namespace {

// What a request for a large block is to find in it.
enum class content : bool { anything, zeros };

void* filled(void* block, std::size_t bytes, content with) noexcept {
    return with == content::zeros ? std::memset(block, 0, bytes) : block;
}

// What the system allocator answers. Where it has no memory while krait has some that nobody uses, it is asked again.
template <class Ask>
void* from_system(std::size_t bytes, Ask ask) noexcept {
    const auto ask_inside = [&ask] {
        const system_blocks::in_system inside;
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

void* from_system(std::size_t bytes, content with) noexcept {
    return from_system(bytes,
                       [=] { return with == content::zeros ? os::system_calloc(1, bytes) : os::system_malloc(bytes); });
}

// The first block of the band's own list.
[[gnu::always_inline]] inline void* pop_first(record_type& own, std::size_t bytes) noexcept {
    const bool has_band = bytes - large_cache::least_request <= large_cache::most_request - large_cache::least_request;
    if (KRAIT_UNLIKELY(!has_band || !own.presence.is_outside())) return nullptr;
    const unsigned band = large_cache::step_of(bytes - 1);
    large_cache& cache = own.cache.large();
    void* const block = cache.pop_first(band);
    if (KRAIT_LIKELY(block != nullptr)) own.passthrough.count(bytes);
    return block;
}

// The first block of the bin, where krait serves such requests itself. Among the few instructions that nothing protects
// from signal handlers, as those of small blocks.
[[gnu::always_inline]] inline void* pop_first_of_runs(record_type& own, std::size_t bytes) noexcept {
    const bool has_bin = bytes - run_classes::least <= run_classes::most_kept - run_classes::least;
    return KRAIT_LIKELY(has_bin) ? own.cache.pop_run(run_heap_type::first_class + run_classes::number_of(bytes))
                                 : nullptr;
}

// The band whose list may serve the request with the system allocator's blocks, or no_band: so for a signal handler
// that interrupted krait's own code.
unsigned open_band(const record_type& own, std::size_t bytes) noexcept {
    const bool is_open = own.presence.is_outside() && own.cache.large().is_open() && !the_runs.is_open();
    return is_open ? large_cache::band_of_request(bytes) : large_cache::no_band;
}

// Any block that serves the band, of this thread's.
void* pop_any(record_type& own, unsigned band) noexcept {
    if (band == large_cache::no_band) return nullptr;
    if (KRAIT_UNLIKELY(!own.cache.large().takes_blocks())) own.cache.large().add_shelves();
    const inside_scope inside(&own, inside_scope::at_fork::goes_past);
    return inside.is_in() ? own.cache.large().pop(band) : nullptr;
}

// For a thread that has no record.
void* obtain_from_system(std::size_t bytes, content with) noexcept {
    return may_have(bytes) ? from_system(bytes, with) : nullptr;
}

[[gnu::noinline]] void* obtain_slow(std::size_t bytes, content with) noexcept {
    record_type* const own = record_of_mine();
    if (KRAIT_UNLIKELY(own == nullptr)) return obtain_from_system(bytes, with);
    if (KRAIT_UNLIKELY(serves_in_runs(bytes))) {
        if (!may_have(bytes)) return nullptr;
        if (void* const block = allocate_in_run(*own, bytes)) return filled(block, bytes, with);
    }
    own->passthrough.count(bytes);
    const unsigned band = open_band(*own, bytes);
    if (void* const block = pop_any(*own, band)) return filled(block, bytes, with);
    if (!may_have(bytes)) return nullptr;
    return from_system(band != large_cache::no_band ? own->cache.large().size_to_ask(band, bytes) : bytes, with);
}

// A large block, whatever is to be in it.
[[gnu::always_inline]] inline void* obtain(std::size_t bytes, content with) noexcept {
    record_type& own = *this_thread.record;
    void* const block = the_runs.is_open() ? pop_first_of_runs(own, bytes) : pop_first(own, bytes);
    return KRAIT_LIKELY(block != nullptr) ? filled(block, bytes, with) : obtain_slow(bytes, with);
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

// Before a request for the system allocator's block: whose it is and how large caches are is decided by the process's
// set-up, which another thread may be in the middle of.
void await_set_up() noexcept {
    if (KRAIT_UNLIKELY(this_thread.record == &nobody)) open();
}

// Past a large cache: of a thread that has none, or of what is no block, or of one that a cache has already.
[[gnu::noinline]] void release_past_cache(void* address) noexcept {
    await_set_up();
    if (KRAIT_UNLIKELY(is_no_live_block(request::release, address))) return;
    release_to_system(address);
}

[[gnu::noinline]] bool push_with_room_made(record_type& own, unsigned band, void* freed) noexcept {
    const inside_scope inside(&own, inside_scope::at_fork::goes_past);
    return inside.is_in() && own.cache.large().push(band, freed);
}

// A block of the system allocator's.
[[gnu::always_inline]] inline void release(record_type& own, void* address) noexcept {
    if (KRAIT_UNLIKELY(!own.presence.is_outside() || !own.cache.large().takes_blocks() || !is_aligned(address) ||
                       large_cache::is_held(address)))
        return release_past_cache(address);
    const unsigned band = large_cache::band_of_block(os::chunk::usable_size(address, large_cache::most_usable()));
    if (band == large_cache::no_band || KRAIT_UNLIKELY(os::chunk::may_be_in_tcache(address)))
        return release_to_system(address);
    if (KRAIT_LIKELY(own.cache.large().push_first(band, address))) return;
    if (!push_with_room_made(own, band, address)) release_to_system(address);
}

// realloc asks for what the block grows by.
bool may_grow(void* address, std::size_t bytes) noexcept {
    if (KRAIT_LIKELY(!the_limit.is_set())) return true;
    const std::size_t held = os::system_usable_size(address);
    return bytes <= held || may_have(bytes - held);
}

} // namespace

void* allocate_large(std::size_t bytes) noexcept { return obtain(bytes, content::anything); }

void* allocate_large_zeroed(std::size_t bytes) noexcept { return obtain(bytes, content::zeros); }

void* allocate_past_pools(std::size_t bytes) noexcept {
    // Where not even a pool may get pages, nothing else may.
    return may_have(geometry_type::pool_size) ? from_system(bytes, content::anything) : nullptr;
}

void* allocate_large_aligned(std::size_t alignment, std::size_t bytes) noexcept {
    if (record_type* const own = record_of_mine(); KRAIT_LIKELY(own != nullptr)) own->passthrough.count(bytes);
    if (!may_have(bytes)) return nullptr;
    return from_system(bytes, [=] { return os::system_memalign(alignment, bytes); });
}

void* move_to_system(void* address, std::size_t bytes, std::size_t alignment) noexcept {
    if (!the_heap.owns(address)) return address;
    if (!may_have(bytes)) return nullptr;
    void* const moved = from_system(
        bytes, [=] { return alignment == 0 ? os::system_malloc(bytes) : os::system_memalign(alignment, bytes); });
    if (moved == nullptr) return nullptr;
    if (KRAIT_UNLIKELY(the_heap.owns(moved))) { // another's memory within the range: free would take it for krait's
        release_to_system(moved);
        return nullptr;
    }
    if (record_type* const own = record_of_mine(); KRAIT_LIKELY(own != nullptr)) own->passthrough.count(bytes);
    std::memcpy(moved, address, bytes);
    deallocate(address);
    return moved;
}

void deallocate_foreign(void* address) noexcept {
    if (address == nullptr) return;
    if (KRAIT_UNLIKELY(the_heap.owns(address))) return deallocate_unseen(address);
    release(*this_thread.record, address);
}

void release_to_system(void* address) noexcept {
    os::leave_for_when_gone(&this_thread.record->cache);
    system_blocks::release(address);
    the_heap_end.look();
    system_blocks::settle();
}

void* reallocate_foreign(void* address, std::size_t bytes) noexcept {
    await_set_up();
    if (KRAIT_UNLIKELY(is_no_live_block(request::resize, address))) {
        errno = EINVAL;
        return nullptr;
    }
    if (bytes != 0 && !may_grow(address, bytes)) return nullptr;
    system_blocks::count_out(address);
    if (bytes == 0) {
        void* const left = system_blocks::call_system([=] { return os::system_realloc(address, 0); });
        system_blocks::settle();
        return left;
    }
    void* const moved = from_system(bytes, [=] { return os::system_realloc(address, bytes); });
    if (KRAIT_UNLIKELY(moved == nullptr)) system_blocks::count_in(address); // the block it has stays
    return moved;
}

std::size_t usable_size_foreign(void* address) noexcept {
    if (address == nullptr) return 0;
    await_set_up();
    if (KRAIT_LIKELY(!is_freed(address))) return os::system_usable_size(address);
    refuse_held(request::measure, address);
    return 0;
}

} // namespace krait::process
