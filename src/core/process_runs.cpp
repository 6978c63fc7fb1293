#include "core/process_runs.hpp"

#include "core/process_life.hpp"
#include "core/process_limit.hpp"

#include <algorithm>
#include <cerrno>

namespace krait::process {

constinit run_heap_type the_runs{the_heap};

namespace {

constexpr run_source runs_as_source{
    [](unsigned number, unsigned want, void** blocks) noexcept { return the_runs.take(number, want, blocks); },
    [](unsigned number, void* const* blocks, unsigned count) noexcept { the_runs.give(number, blocks, count); },
    [](unsigned number) noexcept { return the_runs.blocks_used(number); },
};
static_assert(run_source::most_at_once <= run_heap_type::most_at_once);
static_assert(run_source::most_at_once < run_heap_type::most_discards);

void take_mark_off(void* block, unsigned number) noexcept {
    if constexpr (!geometry_type::is_hardened) // there it has none
        freed_mark<geometry_type>::take_off(static_cast<struct block*>(block), run_classes::table[number].size);
}

// Past this thread's bins.
void* take_one(unsigned number) noexcept {
    void* block;
    if (the_runs.take(number, 1, &block) == 0) return nullptr;
    take_mark_off(block, number);
    return block;
}

// Whether a block that the program holds starts there, as far as can be told.
[[gnu::always_inline]] inline bool is_live(const void* address, unsigned number) noexcept {
    return the_runs.look_up(address, number) == run_heap_type::place::block && !waits_freed(address, number);
}

std::size_t bytes_held(const void* address, unsigned number) noexcept {
    return std::size_t{run_classes::table[number].size} * the_runs.places_of(address, number);
}

// A smaller block is copied in less time than its class's lock and pages take, and then comes from the thread's cache.
constexpr std::size_t least_grown_in_place = std::size_t{16} << 10;

// The block keeps its place: it takes the places behind it, if they are free and as many as it needs, or gives up those
// that it needs no more. False if it is to move, or stay as it is.
bool resize_in_place(void* address, unsigned number, std::size_t bytes) noexcept {
    const run_class& of = run_classes::table[number];
    if (!run_classes::may_join(of) || bytes > of.run_bytes) return false;
    const std::size_t held = bytes_held(address, number), places = (bytes - 1) / of.size + 1;
    if (places == 1 && bytes < held && !realloc_keeps_block(bytes, of.size)) return false; // even one would be too much
    if (places * of.size == held)
        return places > 1; // as few as can be: to move would save part of one, and cost a copy
    if (bytes > held && (held < least_grown_in_place || !may_have(places * of.size - held))) return false;
    const inside_scope inside(record_of_mine(), inside_scope::at_fork::goes_past);
    return inside.is_in() && the_runs.resize(number, address, static_cast<unsigned>(places));
}

// Of an address at which no block of the program's seems to start.
[[gnu::cold, gnu::noinline]] void deallocate_doubtful(unsigned class_byte, void* address) noexcept {
    if (!is_misused(request::release, address, class_byte)) deallocate_past_bin(class_byte, address);
}

} // namespace

bool waits_freed(const void* address, unsigned number) noexcept {
    using mark = freed_mark<geometry_type>;
    const std::size_t size = run_classes::table[number].size;
    return KRAIT_UNLIKELY(mark::is_on(address, size));
}

const run_source* source_of_runs() noexcept { return the_runs.is_open() ? &runs_as_source : nullptr; }

void* allocate_in_run(record_type& own, std::size_t bytes) noexcept {
    const inside_scope inside(&own, inside_scope::at_fork::goes_past);
    if (KRAIT_UNLIKELY(!inside.is_in())) return nullptr;
    settle(own);
    const unsigned number = run_classes::of_request(bytes);
    if (!own.cache.keeps_runs() || !run_classes::is_cached(number)) return take_one(number);
    const unsigned class_byte = run_heap_type::first_class + number;
    own.cache.check_first(class_byte - 1, run_classes::table[number].size);
    void* const block = own.cache.refill_run(class_byte);
    if (block != nullptr) take_mark_off(block, number);
    return block;
}

bool is_live_in_run(const void* address, unsigned class_byte) noexcept {
    return is_live(address, run_heap_type::class_of(class_byte));
}

// While a batch goes to its run, or the reserve's pages to the kernel, no signal handler may do the same: what one
// frees then waits as small blocks do.
void deallocate_past_bin(unsigned class_byte, void* address) noexcept {
    record_type& own = *record_of_mine(); // it has one: its view owns the block
    const inside_scope inside(&own, inside_scope::at_fork::goes_past);
    if (KRAIT_UNLIKELY(!inside.is_in())) return own.cache.let_wait(class_byte, address);
    settle(own);
    const unsigned number = run_heap_type::class_of(class_byte);
    const bool is_kept = run_classes::is_cached(number) && own.cache.keeps_runs();
    if (is_kept && the_runs.places_of(address, number) == 1) return own.cache.overflow_run(class_byte, address);
    if constexpr (!geometry_type::is_hardened) // as all free blocks beside one in use
        freed_mark<geometry_type>::link(static_cast<block*>(address), nullptr, run_classes::table[number].size);
    the_runs.give(number, &address, 1);
}

void deallocate_in_run(void* address, unsigned class_byte) noexcept {
    const unsigned number = run_heap_type::class_of(class_byte);
    if (KRAIT_UNLIKELY(!is_live(address, number))) return deallocate_doubtful(class_byte, address);
    record_type& own = *this_thread.record;
    if (the_runs.places_of(address, number) == 1 && own.cache.push(class_byte, address)) return;
    deallocate_past_bin(class_byte, address);
}

namespace {

// realloc's way to more memory: what grows once grows again, and a quarter more spares most of the copies.
void* grow_in_run(void* address, std::size_t held, std::size_t bytes) noexcept {
    return move_block(address, held, bytes, std::max(bytes, std::min(held + held / 4, run_classes::most)));
}

// A block that may have several places, or have grown in place, or be none.
[[gnu::noinline]] void* reallocate_after_look(void* address, unsigned class_byte, std::size_t bytes) noexcept {
    const unsigned number = run_heap_type::class_of(class_byte);
    if (KRAIT_UNLIKELY(!is_live(address, number)) && is_misused(request::resize, address, class_byte)) {
        errno = EINVAL;
        return nullptr;
    }
    const std::size_t held = bytes_held(address, number);
    if (realloc_keeps_block(bytes, held) || resize_in_place(address, number, bytes)) return address;
    return bytes > held ? grow_in_run(address, held, bytes) : move_block(address, held, bytes, bytes);
}

} // namespace

void* reallocate_in_run(void* address, unsigned class_byte, std::size_t bytes) noexcept {
    // The byte as free reads it: where it is the class's, the block has one place.
    const bool has_class_byte = this_thread.view.owns(address) && this_thread.view.class_at(address) == class_byte;
    if (!geometry_type::is_hardened && has_class_byte && seems_live(address, class_byte)) {
        const std::size_t held = run_classes::table[run_heap_type::class_of(class_byte)].size;
        if (realloc_keeps_block(bytes, held)) return address;
        if (bytes > held && held < least_grown_in_place) return grow_in_run(address, held, bytes);
    }
    return reallocate_after_look(address, class_byte, bytes);
}

std::size_t usable_size_in_run(const void* address, unsigned class_byte) noexcept {
    const unsigned number = run_heap_type::class_of(class_byte);
    if (KRAIT_UNLIKELY(!is_live(address, number)) && is_misused(request::measure, address, class_byte)) return 0;
    return bytes_held(address, number);
}

} // namespace krait::process
