#include "debug/requests.hpp"

#include "base/check.hpp"
#include "core/process.hpp"
#include "debug/check.hpp"
#include "debug/life.hpp"
#include "debug/report.hpp"
#include "debug/session.hpp"
#include "debug/stacks.hpp"
#include "os/errno_kept.hpp"
#include "os/shared_word.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace krait::debug {

namespace {

using state = block_map::state;

[[gnu::cold, gnu::noinline]] void count_call(std::uint64_t every) noexcept {
    if ((the_session.calls.fetch_add(1, std::memory_order_relaxed) + 1) % every == 0)
        check_all("the check of every so many calls");
}

inline void begin_request() noexcept {
    const std::uint64_t every = the_session.every.get();
    if (KRAIT_UNLIKELY(every != 0)) count_call(every);
}

std::uint64_t next_serial() noexcept {
    const std::uint64_t serial = os::fetch_add(the_session.serial, 1) + 1;
    if (KRAIT_UNLIKELY(serial == the_session.stop.get())) std::raise(SIGTRAP);
    return serial;
}

// A block leaves the quarantine: its bytes.
std::size_t let_go(std::uintptr_t start) noexcept {
    const block freed(start);
    if (!take(state::held, start)) return 0; // never: who has its entry in the quarantine has the block
    shape is;
    const fault what = fault_of(freed, state::held, is);
    if (KRAIT_UNLIKELY(what != fault::none)) refuse_damaged(what, state::held, freed, is, "its leaving the quarantine");
    process::deallocate(freed.base(is));
    return block::whole_bytes(is);
}

// Bytes of the core's block; false, with ENOMEM, for what nobody has.
bool find_bytes(const shape& is, std::size_t& bytes) noexcept {
    if (KRAIT_LIKELY(!__builtin_add_overflow(is.size, is.room + tail_bytes, &bytes) && bytes <= PTRDIFF_MAX))
        return true;
    errno = ENOMEM;
    return false;
}

// What `ask` gives, once more if there is nothing while freed blocks are kept.
template <class Ask>
void* ask_core(Ask ask) noexcept {
    const int before = errno;
    void* const base = ask();
    if (KRAIT_LIKELY(base != nullptr) || !the_session.freed.empty(let_go)) return base;
    void* const again = ask();
    if (again != nullptr) errno = before;
    return again;
}

// The core's block as the program's; not yet live. nullptr where the map has no memory.
void* decorated(void* base, const shape& is, std::uint32_t stack) noexcept {
    if (KRAIT_UNLIKELY(base == nullptr)) return nullptr;
    const block made(static_cast<unsigned char*>(base) + is.room);
    if (KRAIT_UNLIKELY(!the_session.blocks.make_room(made.address()))) {
        process::deallocate(base);
        errno = ENOMEM;
        return nullptr;
    }
    made.decorate(is, stack, next_serial());
    return made.start();
}

void* made_live(void* start) noexcept {
    if (KRAIT_LIKELY(start != nullptr)) the_session.blocks.set(state::live, reinterpret_cast<std::uintptr_t>(start));
    return start;
}

void* make(std::uint32_t stack, const shape& is, std::size_t alignment = 1) noexcept {
    std::size_t bytes;
    if (!find_bytes(is, bytes)) return nullptr;
    void* const base = ask_core(
        [=] { return alignment == 1 ? process::allocate(bytes) : process::allocate_aligned(alignment, bytes); });
    void* const start = decorated(base, is, stack);
    if (KRAIT_LIKELY(start != nullptr)) block(start).fill(is, 0, clean_byte);
    return start;
}

// The shape of a block of the program's, whose decorations are as they should be.
shape whole(block given, const char* request) noexcept {
    shape is;
    const fault what = fault_of(given, state::live, is);
    if (KRAIT_UNLIKELY(what != fault::none)) refuse_damaged(what, state::live, given, is, request);
    return is;
}

// The same, and it is malloc's.
shape whole_of_malloc(block taken, const char* request) noexcept {
    const shape is = whole(taken, request);
    if (KRAIT_UNLIKELY(taken.api() != letter::of_malloc)) refuse_letter(taken, is, request);
    return is;
}

// A taken block goes to the quarantine, or to the core.
void release(block taken, const shape& is, std::uint32_t stack) noexcept {
    taken.set_freed_by(stack);
    const std::size_t bytes = block::whole_bytes(is);
    if (KRAIT_UNLIKELY(!the_session.freed.takes(bytes))) {
        if (bytes <= most_filled) taken.fill(is, 0, dead_byte); // else its pages go anyway
        return process::deallocate(taken.base(is));
    }
    taken.fill(is, 0, dead_byte);
    the_session.blocks.set(state::held, taken.address());
    the_session.freed.put(taken.address(), bytes, let_go);
}

// A block of which the core's realloc takes care: it may move pages instead of bytes.
bool is_for_core(const shape& is, std::size_t size) noexcept {
    constexpr std::size_t least = std::size_t{128} << 10;
    return is.room == least_room && is.size >= least && size >= least;
}

void* resize_by_core(std::uint32_t stack, block taken, const shape& before, const shape& after) noexcept {
    std::size_t bytes;
    void* moved = nullptr;
    if (find_bytes(after, bytes)) moved = ask_core([&] { return process::reallocate(taken.base(before), bytes); });
    if (moved == nullptr) return made_live(taken.start()), nullptr;
    const block made(static_cast<unsigned char*>(moved) + after.room);
    if (KRAIT_UNLIKELY(!the_session.blocks.make_room(made.address()))) fatal("no memory for the map of blocks", moved);
    made.decorate(after, stack, next_serial());
    if (after.size > before.size) made.fill(after, before.size, clean_byte);
    return made_live(made.start());
}

void* resize_by_copy(std::uint32_t stack, block taken, const shape& before, const shape& after) noexcept {
    void* const moved = make(stack, after);
    if (moved == nullptr) return made_live(taken.start()), nullptr;
    std::memcpy(moved, taken.start(), std::min(before.size, after.size));
    release(taken, before, stack);
    return made_live(moved);
}

// A block that is live, as far as this can be said without taking it.
bool is_live(const void* address) noexcept {
    return address != nullptr && the_session.blocks.has(state::live, reinterpret_cast<std::uintptr_t>(address));
}

} // namespace

void* allocate(const void* frame, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(!is_serving())) return process::allocate(size);
    begin_request();
    return made_live(make(stack_at(frame), {size, least_room}));
}

void* allocate_aligned(const void* frame, std::size_t alignment, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(!is_serving())) return process::allocate_aligned(alignment, size);
    begin_request();
    return made_live(make(stack_at(frame), {size, std::max(alignment, least_room)}, alignment));
}

void* allocate_zeroed(const void* frame, std::size_t count, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(!is_serving())) return process::allocate_zeroed(count, size);
    begin_request();
    shape is{0, least_room};
    std::size_t bytes;
    if (__builtin_mul_overflow(count, size, &is.size)) {
        errno = ENOMEM;
        return nullptr;
    }
    if (!find_bytes(is, bytes)) return nullptr;
    return made_live(decorated(ask_core([=] { return process::allocate_zeroed(1, bytes); }), is, stack_at(frame)));
}

void deallocate(const void* frame, void* address) noexcept {
    if (KRAIT_UNLIKELY(!is_serving())) return process::deallocate(address);
    if (address == nullptr) return;
    const os::errno_kept keep;
    begin_request();
    const auto start = reinterpret_cast<std::uintptr_t>(address);
    if (KRAIT_UNLIKELY(!take(state::live, start))) {
        refuse_stranger(start, "free");
        return process::deallocate(address);
    }
    const block taken(start);
    const shape is = whole_of_malloc(taken, "free");
    release(taken, is, stack_at(frame));
}

void* reallocate(const void* frame, void* address, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(!is_serving())) return process::reallocate(address, size);
    if (address == nullptr) return allocate(frame, size);
    begin_request();
    const auto start = reinterpret_cast<std::uintptr_t>(address);
    if (KRAIT_UNLIKELY(!take(state::live, start))) {
        refuse_stranger(start, "realloc");
        return process::reallocate(address, size);
    }
    const block taken(start);
    const shape before = whole_of_malloc(taken, "realloc");
    const std::uint32_t stack = stack_at(frame);
    if (size == 0) {
        release(taken, before, stack);
        return nullptr;
    }
    const shape after{size, least_room};
    return is_for_core(before, size) ? resize_by_core(stack, taken, before, after)
                                     : resize_by_copy(stack, taken, before, after);
}

std::size_t usable_size(void* address) noexcept {
    if (KRAIT_UNLIKELY(!is_serving())) return process::usable_size(address);
    if (address == nullptr) return 0;
    if (KRAIT_UNLIKELY(!is_live(address))) {
        refuse_stranger(reinterpret_cast<std::uintptr_t>(address), "size");
        return process::usable_size(address);
    }
    return whole(block(address), "malloc_usable_size").size;
}

void give_letter(void* address, letter api) noexcept {
    if (is_live(address)) block(address).set_api(api);
}

void change_letter(void* address, letter api, letter then, const char* request) noexcept {
    if (!is_live(address)) return;
    const block given(address);
    if (KRAIT_UNLIKELY(given.api() != api)) {
        const shape is = whole(given, request);
        refuse_letter(given, is, request);
    }
    given.set_api(then);
}

void check_size(void* address, std::size_t named, const char* request) noexcept {
    if (!tells_mismatches() || !is_live(address)) return;
    const block given(address);
    const shape is = whole(given, request);
    if (KRAIT_UNLIKELY(is.size != named)) refuse_size(given, is, named, request);
}

} // namespace krait::debug
