// Blocks of pools and runs (call tree: hard.hpp).
#include "hard/hard.hpp"

#include "base/secret.hpp"
#include "base/zeros.hpp"
#include "core/blocks_note.hpp"
#include "core/process.hpp"
#include "core/process_runs.hpp"
#include "hard/canary.hpp"
#include "hard/mapped.hpp"
#include "hard/quarantine.hpp"
#include "hard/states.hpp"
#include "hard/stop.hpp"
#include "os/guard.hpp"
#include "os/memory.hpp"
#include "os/memory_tags.hpp"
#include "os/random.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

constinit krait::other_blocks krait_other_blocks{krait::other_blocks_kind::guarded, nullptr};
KRAIT_OTHER_BLOCKS_NOTE();

namespace krait::hard {

namespace {

using process::run_heap_type;
using process::the_heap;
using geometry = process::geometry_type;

constinit quarantine waiting;
// 0 until set-up: a large request then goes where set-up is waited for. Threads may ask while another one sets up.
constinit std::atomic<std::size_t> most_in_runs_set{0};
constinit bool has_strangers = false;

std::size_t most_in_runs() noexcept { return most_in_runs_set.load(std::memory_order_relaxed); }

// One more byte than asked for, so that there is a canary.
constexpr std::size_t with_canary(std::size_t asked) noexcept { return asked + 1; }

std::size_t room_of(unsigned class_byte) noexcept {
    if (KRAIT_UNLIKELY(run_heap_type::is_class_byte(class_byte)))
        return run_classes::table[run_heap_type::class_of(class_byte)].size;
    return std::size_t{class_byte} << geometry::alignment_shift;
}

// This thread's. The one of a thread without a record has no block and takes none.
ready_blocks<geometry>& ready() noexcept { return process::this_thread.record->cache.ready(); }

// Before set-up and where krait steps aside, blocks are the next allocator's.
bool is_aside() noexcept { return process::is_set_up() && !os::has_stand_in(); }

// A block that the core had from somewhere else.
[[gnu::cold, gnu::noinline]] void* made_elsewhere(void* block, std::size_t asked) noexcept {
    if (mapped::has(block)) {
        mapped::shorten(block, asked);
    } else if (!is_aside()) {
        mapped::note_stranger(block);
    }
    return block;
}

// Bytes of a block that have its tag: what was asked for, rounded up to granules, one at least.
constexpr std::size_t tagged_part(std::size_t asked) noexcept {
    return (asked + (asked == 0) + os::tags::granule - 1) & ~(os::tags::granule - 1);
}

// The block's name for the program, with another tag than its neighbours have, as far as they are on its page. One that
// changes meanwhile, by another thread, may come to have the same: 1 in 14.
[[gnu::always_inline]] inline void* named(void* block, std::size_t offset, std::size_t asked,
                                          std::size_t room) noexcept {
    if (!os::tags::are_on()) return block;
    constexpr std::size_t page = geometry::pool_size;
    char* const before = static_cast<char*>(block) - os::tags::granule;
    char* const behind = static_cast<char*>(block) + room;
    void* const name = os::tags::random_name(block, offset % page != 0 ? os::tags::name_of(before) : block,
                                             (offset + room) % page != 0 ? os::tags::name_of(behind) : block);
    os::tags::set(name, tagged_part(asked));
    return name;
}

// The heap's pointer for the program's name of a block. Whose tag is not that of the memory is no name any more: the
// block was freed since. What lies in no pool or run has no tags that count.
[[gnu::always_inline]] inline void* unnamed(request asked, const void* name) noexcept {
    auto* const as_it_came = const_cast<void*>(name);
    if (!os::tags::are_on()) return as_it_came;
    void* const block = os::tags::plain(name);
    const std::size_t offset = the_heap.offset_of(block);
    if (!the_heap.owns(offset) || the_heap.class_at(offset) == 0) return as_it_came;
    if (KRAIT_UNLIKELY(os::tags::plain(name) != name && os::tags::name_of(block) != name))
        stop(asked, defect::freed, block);
    return block;
}

// A free block of the core's becomes the program's: zeros from `known` on, and before.
[[gnu::always_inline]] inline void* made_live(void* block, std::size_t offset, std::size_t asked, std::size_t room,
                                              std::size_t known) noexcept {
    if (KRAIT_UNLIKELY(!is_zero(static_cast<char*>(block) + known, room - known))) stop(written_freed, block, room);
    block_state state(offset);
    if (KRAIT_UNLIKELY(block_state::is_live(state.now()))) stop(handed_out_twice, block, room);
    state.become_live(asked, room);
    canary::put(block, asked, room);
    return named(block, offset, asked, room);
}

// What the core handed out becomes the program's. A pool's block was in a list: its second word is 0 again, and its
// first one has served.
[[gnu::always_inline]] inline void* made(void* block, std::size_t asked) noexcept {
    const std::size_t offset = the_heap.offset_of(block);
    if (KRAIT_UNLIKELY(!the_heap.owns(offset))) return block != nullptr ? made_elsewhere(block, asked) : nullptr;
    const unsigned class_byte = the_heap.class_at(offset);
    if (KRAIT_UNLIKELY(class_byte == 0)) return made_elsewhere(block, asked); // in a hole of the range
    const std::size_t room = room_of(class_byte);
    std::size_t known = 0; // bytes just written: to read them as pairs would wait for the words to arrive
    if (KRAIT_LIKELY(!run_heap_type::is_class_byte(class_byte))) {
        *static_cast<std::uint64_t*>(block) = 0;
        known = geometry::alignment;
    }
    return made_live(block, offset, asked, room, known);
}

[[gnu::noinline]] void* allocate_mapped(std::size_t bytes) noexcept {
    process::open();
    return is_aside() ? process::allocate(bytes) : mapped::serve(bytes);
}

[[gnu::noinline]] void* allocate_large(std::size_t bytes) noexcept {
    return bytes <= most_in_runs() ? made(process::allocate(with_canary(bytes)), bytes) : allocate_mapped(bytes);
}

// Whether an address may be a live block's of the core. If not, it may be one of other blocks.
[[gnu::always_inline]] inline bool is_live_at(std::size_t offset) noexcept {
    return KRAIT_LIKELY(the_heap.owns(offset)) && KRAIT_LIKELY(block_state::is_start_possible(offset)) &&
           KRAIT_LIKELY(block_state::is_live(block_state(offset).now()));
}

// A live block of the core's, as the program's pointer says.
struct live_block {
    block_state state;
    std::uint8_t seen;
    unsigned class_byte;
    std::size_t room, asked;
};

// Of an address at which no block of the core's starts. Where the range has holes, others may be there.
void refuse_ours(request asked, const void* address) noexcept {
    const std::size_t offset = the_heap.offset_of(address);
    if (!the_heap.owns(offset) || (the_heap.is_in_hole(address) && mapped::has(address))) return;
    const bool is_start = block_state::is_start_possible(offset);
    stop(asked, is_start && block_state::is_freed(block_state(offset).now()) ? defect::freed : defect::no_start,
         address);
}

// Of an offset at which one is.
[[gnu::always_inline]] inline live_block look_up(const void* address, std::size_t offset) noexcept {
    const block_state state(offset);
    const std::uint8_t seen = state.now();
    const unsigned class_byte = the_heap.class_at(offset);
    const std::size_t room = room_of(class_byte);
    const live_block found{state, seen, class_byte, room, state.asked(seen, room)};
    if (KRAIT_UNLIKELY(!canary::is_whole(address, found.asked, room))) stop(written_behind, address, found.asked);
    return found;
}

// Pages that the program never wrote to stay so.
[[gnu::noinline]] void clear_many(void* block, std::size_t bytes) noexcept {
    constexpr std::size_t piece = 4096, few = 4 * piece;
    if (KRAIT_LIKELY(bytes <= few)) {
        std::memset(block, 0, bytes);
        return;
    }
    auto* const start = static_cast<char*>(block);
    for (std::size_t at = 0; at < bytes; at += piece) {
        const std::size_t length = std::min(piece, bytes - at);
        if (length % 16 != 0 || !is_zero(start + at, length)) std::memset(start + at, 0, length);
    }
}

// Zeros up to its canary's end.
[[gnu::always_inline]] inline void clear(void* block, std::size_t bytes) noexcept {
    constexpr std::size_t few = 256;
    KRAIT_LIKELY(bytes <= few) ? clear_few(block, bytes) : clear_many(block, bytes);
}

// A block that has waited is the next one to be handed out, or goes back to the core.
[[gnu::always_inline]] inline void give_back(unsigned class_byte, void* freed, std::size_t room) noexcept {
    if (KRAIT_LIKELY(!run_heap_type::is_class_byte(class_byte)) && KRAIT_LIKELY(ready().push(class_byte, freed)))
        return;
    if (KRAIT_UNLIKELY(!is_zero(freed, room))) stop(written_freed, freed, room);
    process::deallocate(freed);
}

[[gnu::always_inline]] inline void release(void* address, live_block& block) noexcept {
    if (KRAIT_UNLIKELY(!block.state.become_freed(block.seen))) stop(request::release, defect::freed, address);
    if (os::tags::are_on()) os::tags::set(address, tagged_part(block.asked)); // no name is right any more
    clear(address, canary::end(block.asked, block.room));
    void* const gone = waiting.exchange(block.class_byte, block.room, address);
    if (KRAIT_LIKELY(gone != nullptr)) give_back(block.class_byte, gone, block.room);
}

// An address at which no block of the core's starts.
[[gnu::noinline]] void release_elsewhere(void* address) noexcept {
    if (address == nullptr) return;
    refuse_ours(request::release, address);
    if (is_aside()) return process::deallocate(address);
    if (KRAIT_UNLIKELY(has_strangers) && !mapped::has(address)) return os::functions_behind().free(address);
    mapped::release(address);
}

void* reallocate_elsewhere(void* address, std::size_t bytes) noexcept {
    refuse_ours(request::resize, address);
    if (is_aside()) return process::reallocate(address, bytes);
    if (KRAIT_UNLIKELY(has_strangers) && !mapped::has(address)) return os::functions_behind().realloc(address, bytes);
    if (bytes == 0) {
        mapped::release(address);
        return nullptr;
    }
    if (bytes > most_in_runs()) return mapped::reallocate(address, bytes);
    const std::size_t had = mapped::usable_size(request::resize, address);
    const int error = errno;
    void* const moved = allocate(bytes);
    if (KRAIT_UNLIKELY(moved == nullptr)) {
        if (bytes > had) return nullptr;
        errno = error; // the block it has will do
        mapped::shorten(address, bytes);
        return address;
    }
    std::memcpy(moved, address, std::min(had, bytes));
    mapped::release(address);
    return moved;
}

// Without the canary that it had. What it grows by is zeros, as all that is handed out.
void resize(void* address, live_block& block, std::size_t bytes) noexcept {
    if (os::tags::are_on()) {
        void* const name = os::tags::name_of(address);
        os::tags::set(address, tagged_part(block.asked));
        os::tags::set(name, tagged_part(bytes));
    }
    auto* const start = static_cast<char*>(address);
    const std::size_t from = std::min(bytes, block.asked), to = canary::end(block.asked, block.room);
    std::memset(start + from, 0, to - from);
    block.state.become_live(bytes, block.room);
    canary::put(address, bytes, block.room);
}

std::size_t size_elsewhere(const void* address) noexcept {
    if (address == nullptr) return 0;
    refuse_ours(request::measure, address);
    auto* const block = const_cast<void*>(address);
    const bool is_next_s = is_aside() || (has_strangers && !mapped::has(address));
    return KRAIT_UNLIKELY(is_next_s) ? process::usable_size(block) : mapped::usable_size(request::measure, address);
}

} // namespace

void open(const hard_settings& chosen, process::settings& core) noexcept {
    secret::keys fresh;
    os::tags::open();
    os::fill_random(&fresh, sizeof fresh);
    secret::open(fresh);
    os::limit_guards(chosen.most_guards);
    waiting.open(chosen.quarantine);
    mapped::open(chosen.addresses);
    most_in_runs_set.store(std::min(chosen.most_in_runs, run_classes::most - 1), std::memory_order_relaxed);
    has_strangers = chosen.has_strangers;
    core.owns_large = true;
    core.large_bytes = 0; // no list leads through large free blocks
    core.pool_reserve = 0;
    core.misuse = process::misuse_policy::abort;
    core.stand_in = &mapped::stand_in;
    krait_other_blocks.states = process::the_heap.address_range().place_of_states();
}

[[gnu::hot, gnu::noinline]] void* allocate(std::size_t bytes) noexcept {
    const std::size_t wanted = with_canary(bytes);
    if (KRAIT_UNLIKELY(wanted - 1 >= geometry::small_request_threshold)) return allocate_large(bytes);
    const auto class_byte = static_cast<unsigned>(process::bin_of(wanted));
    void* const block = ready().pop(class_byte);
    if (KRAIT_UNLIKELY(block == nullptr)) return made(process::allocate(wanted), bytes);
    return made_live(block, the_heap.offset_of(block), bytes, std::size_t{class_byte} << geometry::alignment_shift, 0);
}

void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept {
    std::size_t total;
    if (KRAIT_UNLIKELY(__builtin_mul_overflow(count, bytes, &total))) {
        errno = ENOMEM;
        return nullptr;
    }
    if (KRAIT_UNLIKELY(is_aside())) return process::allocate_zeroed(count, bytes);
    void* const block = allocate(total);
    if (KRAIT_UNLIKELY(block != nullptr && !os::has_stand_in())) std::memset(block, 0, total);
    return block;
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
    process::open();
    if (KRAIT_UNLIKELY(is_aside())) return process::allocate_aligned(alignment, bytes);
    if (alignment <= geometry::alignment) return allocate(bytes);
    if (bytes > most_in_runs() || alignment > most_in_runs()) return mapped::serve(bytes, alignment);
    return made(process::allocate_aligned(alignment, with_canary(bytes)), bytes);
}

void* reallocate(void* name, std::size_t bytes) noexcept {
    if (name == nullptr) return allocate(bytes);
    const os::tags::unchecked scope;
    void* const address = unnamed(request::resize, name);
    const std::size_t offset = the_heap.offset_of(address);
    if (KRAIT_UNLIKELY(!is_live_at(offset))) return reallocate_elsewhere(address, bytes);
    live_block block = look_up(address, offset);
    if (bytes == 0) {
        release(address, block);
        return nullptr;
    }
    if (bytes <= most_in_runs() && realloc_keeps_block(with_canary(bytes), block.room)) {
        resize(address, block, bytes);
        return name;
    }
    const int error = errno;
    void* const moved = allocate(bytes);
    if (KRAIT_UNLIKELY(moved == nullptr)) {
        if (bytes > block.asked) return nullptr;
        errno = error; // the block it has will do
        resize(address, block, bytes);
        return name;
    }
    std::memcpy(moved, address, std::min(bytes, block.asked));
    release(address, block);
    return moved;
}

[[gnu::hot]] void deallocate(void* name) noexcept {
    const os::tags::unchecked scope;
    void* const address = unnamed(request::release, name);
    const std::size_t offset = the_heap.offset_of(address);
    if (KRAIT_UNLIKELY(!is_live_at(offset))) return release_elsewhere(address);
    live_block block = look_up(address, offset);
    release(address, block);
}

void deallocate_sized(void* address, std::size_t bytes) noexcept {
    expect_size(address, bytes);
    deallocate(address);
}

void expect_size(const void* name, std::size_t bytes) noexcept {
    if (name == nullptr || is_aside()) return;
    const os::tags::unchecked scope;
    const void* const address = unnamed(request::release, name);
    const std::size_t offset = the_heap.offset_of(address);
    if (KRAIT_UNLIKELY(!is_live_at(offset))) return mapped::expect_size(address, bytes); // or what deallocate finds
    const std::size_t asked = look_up(address, offset).asked;
    if (KRAIT_UNLIKELY(asked != bytes)) stop(wrong_size, address, asked);
}

std::size_t usable_size(void* name) noexcept {
    const os::tags::unchecked scope;
    void* const address = unnamed(request::measure, name);
    const std::size_t offset = the_heap.offset_of(address);
    return KRAIT_LIKELY(is_live_at(offset)) ? look_up(address, offset).asked : size_elsewhere(address);
}

void limits_changed() noexcept { mapped::mind_limits(); }

void finish() noexcept {
    waiting.each(
        [](unsigned class_byte, const void* freed) {
            const std::size_t room = room_of(class_byte);
            if (!is_zero(freed, room)) stop(written_freed, freed, room);
        },
        [](void* waits) { process::deallocate(waits); });
    ready().look(); // other threads may take theirs meanwhile
}

} // namespace krait::hard
