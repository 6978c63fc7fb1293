// Every allocation and every release: the hooks of a trace that has them all, and of the set of live blocks.
#include "trace/put_event.hpp"

namespace krait::trace {

namespace {

using aside = event_aside::kind;

[[gnu::noinline, gnu::cold]] void allocated_aside(stream& s, const void* frame, void* block, std::size_t size,
                                                  aside what) noexcept {
    const std::uint32_t stack = short_stack_of(frame);
    put_aside(s, {stamp_of_arrival(), reinterpret_cast<std::uintptr_t>(block), size, stack, what, false});
}

void* allocated(const void* frame, void* block, std::size_t size, std::size_t) noexcept {
    if (KRAIT_UNLIKELY(block == nullptr)) return nullptr;
    stream* const s = own_stream();
    if (KRAIT_UNLIKELY(s == nullptr)) return block;
    if (KRAIT_UNLIKELY(s->is_busy.load(std::memory_order_relaxed))) {
        allocated_aside(*s, frame, block, size, aside::alloc);
        return block;
    }
    become_busy(*s);
    const std::uint32_t stack = stack_of(*s, frame);
    put_alloc(*s, stamp_for(*s, true), stack, reinterpret_cast<std::uintptr_t>(block), size, false);
    be_free_again(*s);
    return block;
}

bool freeing(void* block) noexcept {
    if (KRAIT_UNLIKELY(block == nullptr)) return false;
    the_session.python.freeing(block);
    stream* const s = own_stream();
    if (KRAIT_UNLIKELY(s == nullptr)) return false;
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (KRAIT_UNLIKELY(s->is_busy.load(std::memory_order_relaxed))) {
        put_aside(*s, {stamp_of_release(), address, 0, 0, aside::free, false});
        return false;
    }
    become_busy(*s);
    put_free(*s, stamp_for(*s, false), address, false);
    be_free_again(*s);
    return false;
}

// A realloc is within the recorder as a whole: what handlers do meanwhile lies between its two halves.
constexpr std::uint64_t was_within = std::uint64_t{1} << 63;

// The old block leaves the set before the core has it: another thread may get its address before this one knows that
// it was freed.
std::uint64_t moment(void* old) noexcept {
    the_session.python.freeing(old);
    stream* const s = own_stream();
    if (KRAIT_UNLIKELY(s == nullptr)) return 0;
    if (KRAIT_UNLIKELY(s->is_busy.load(std::memory_order_relaxed))) return stamp_of_release() | was_within;
    become_busy(*s);
    s->taken = {};
    if (KRAIT_UNLIKELY(the_session.to_set.load(std::memory_order_relaxed)))
        the_session.blocks.remove(reinterpret_cast<std::uintptr_t>(old), s->taken);
    return stamp_for(*s, false);
}

void* reallocated(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept {
    stream* const s = own;
    if (KRAIT_UNLIKELY(s == nullptr)) return block;
    const bool is_freed = block != nullptr || size == 0;
    const auto from = reinterpret_cast<std::uintptr_t>(old);
    const auto to = reinterpret_cast<std::uintptr_t>(block);
    if (KRAIT_UNLIKELY((moment & was_within) != 0)) {
        if (!is_freed) return nullptr;
        put_aside(*s, {moment & ~was_within, from, 0, 0, aside::free, true});
        if (block != nullptr) put_aside(*s, {stamp_of_arrival(), to, size, short_stack_of(frame), aside::alloc, true});
        return block;
    }
    if (is_freed) {
        put_free(*s, moment, from, true);
    } else if (s->taken.address != 0) {
        the_session.blocks.add(s->taken);
    }
    if (KRAIT_UNLIKELY(s->aside_count != 0)) put_what_is_aside(*s);
    if (block != nullptr) {
        const std::uint32_t stack = stack_of(*s, frame);
        put_alloc(*s, stamp_for(*s, true), stack, to, size, true);
    }
    be_free_again(*s);
    return block;
}

bool is_own_code(const void* frame) noexcept {
    const std::uintptr_t pc = static_cast<const std::uintptr_t*>(frame)[1];
    return pc - the_session.own_begin < the_session.own_end - the_session.own_begin;
}

} // namespace

void mapped(const void* frame, void* address, std::size_t size) noexcept {
    if (is_own_code(frame)) return; // the core's own
    stream* const s = own_stream();
    if (s == nullptr) return;
    if (s->is_busy.load(std::memory_order_relaxed)) return allocated_aside(*s, frame, address, size, aside::map);
    become_busy(*s);
    const std::uint32_t stack = stack_of(*s, frame);
    put_map(*s, stamp_for(*s, true), stack, reinterpret_cast<std::uintptr_t>(address), size);
    be_free_again(*s);
}

void unmapping(const void* frame, void* address, std::size_t size) noexcept {
    the_session.python.unmapped();
    if (is_own_code(frame)) return;
    stream* const s = own_stream();
    if (s == nullptr) return;
    const auto from = reinterpret_cast<std::uintptr_t>(address);
    if (s->is_busy.load(std::memory_order_relaxed))
        return put_aside(*s, {stamp_of_release(), from, size, 0, aside::unmap, false});
    become_busy(*s);
    put_unmap(*s, stamp_for(*s, false), from, size);
    be_free_again(*s);
}

constexpr hook_table every_allocation{allocated, freeing, moment, reallocated, mapped, unmapping};

} // namespace krait::trace
