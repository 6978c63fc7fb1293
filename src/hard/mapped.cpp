#include "hard/mapped.hpp"

#include "base/secret.hpp"
#include "core/process_life.hpp"
#include "core/process_limit.hpp"
#include "hard/canary.hpp"
#include "os/errno_kept.hpp"
#include "os/guard.hpp"
#include "os/memory.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace krait::hard::mapped {

namespace {

constexpr std::size_t alignment_of_all = 16;
constexpr std::size_t most_bytes = PTRDIFF_MAX / 4; // of a block and of its alignment, so that no sum overflows

std::size_t ceiling(std::size_t bytes, std::size_t alignment) noexcept {
    return (bytes + alignment - 1) & ~(alignment - 1);
}

struct entry {
    // The address, a multiple of 16, and one of these.
    static constexpr std::uintptr_t being_written = 1, live = 2, freed = 3, stranger = 4;
    static constexpr std::uintptr_t sorts = alignment_of_all - 1;

    std::atomic<std::uintptr_t> key{0};
    std::atomic<std::size_t> asked{0}; // read while realloc changes it only by programs that race with themselves
    os::fenced memory;
    std::size_t size = 0;
    entry* next = nullptr; // of those that the kernel would not unmap

    char* address() const noexcept { return reinterpret_cast<char*>(key.load(std::memory_order_relaxed) & ~sorts); }
    std::size_t before() const noexcept { return static_cast<std::size_t>(address() - memory.start); }
    std::size_t room() const noexcept { return size - before(); }
    bool becomes(std::uintptr_t from, std::uintptr_t to) noexcept {
        std::uintptr_t expected = reinterpret_cast<std::uintptr_t>(address()) | from;
        return key.compare_exchange_strong(expected, (expected & ~sorts) | to, std::memory_order_acq_rel);
    }
};

class table {
  public:
    // The entry of the address, but for those being written; nullptr if there is none.
    entry* find(const void* address) const noexcept {
        const auto wanted = reinterpret_cast<std::uintptr_t>(address);
        if (wanted % alignment_of_all != 0) return nullptr;
        for (unsigned n = 0; n < tiers_.size(); ++n) {
            entry* const tier = tiers_[n].load(std::memory_order_acquire);
            if (tier == nullptr) return nullptr;
            for (unsigned i = 0; i < window; ++i) {
                entry& each = place(tier, n, wanted, i);
                const std::uintptr_t key = each.key.load(std::memory_order_acquire);
                if ((key & ~entry::sorts) == wanted && (key & entry::sorts) >= entry::live) return &each;
            }
        }
        return nullptr;
    }

    // A place for the address's entry, to be written, and then to get its key; nullptr where no memory is to be had.
    entry* reserve(const void* address) noexcept {
        for (unsigned n = 0; n < tiers_.size(); ++n) {
            entry* const tier = tier_at(n);
            if (tier == nullptr) return nullptr;
            for (unsigned i = 0; i < window; ++i) {
                entry& each = place(tier, n, reinterpret_cast<std::uintptr_t>(address), i);
                std::uintptr_t free = 0;
                if (each.key.load(std::memory_order_relaxed) == 0 &&
                    each.key.compare_exchange_strong(free, entry::being_written, std::memory_order_acquire))
                    return &each;
            }
        }
        return nullptr;
    }

  private:
    static constexpr unsigned window = 8;
    static constexpr std::size_t first_tier = 256;

    static constexpr std::size_t length_of(unsigned n) noexcept { return first_tier << 2 * n; }

    static entry& place(entry* tier, unsigned n, std::uintptr_t address, unsigned i) noexcept {
        const std::uint64_t start = secret::mixed(address, secret::known.place) + i;
        return tier[start & (length_of(n) - 1)];
    }

    // Between guards, like blocks.
    entry* tier_at(unsigned n) noexcept {
        entry* tier = tiers_[n].load(std::memory_order_acquire);
        if (KRAIT_LIKELY(tier != nullptr)) return tier;
        const std::size_t size = os::page_ceiling(length_of(n) * sizeof(entry));
        const os::fenced fresh = os::map_fenced(size);
        if (fresh.start == nullptr) return nullptr;
        auto* const made = reinterpret_cast<entry*>(fresh.start); // of zeros: every entry is free
        if (tiers_[n].compare_exchange_strong(tier, made, std::memory_order_acq_rel)) return made;
        os::unmap_fenced(fresh, size); // another thread's, or a signal handler's, came first
        return tier;
    }

    std::array<std::atomic<entry*>, 10> tiers_{};
};

constinit table blocks;

// In this order: the next moment somebody else may have the address. False if the kernel would not unmap it.
bool is_forgotten(entry& e) noexcept {
    const std::uintptr_t was = e.key.exchange(entry::being_written, std::memory_order_acq_rel);
    if (KRAIT_LIKELY(os::unmap_fenced(e.memory, e.size))) {
        e.key.store(0, std::memory_order_release);
        return true;
    }
    e.key.store(was, std::memory_order_release);
    return false;
}

// Freed blocks that lie in the middle of a mapping when there may be no more mappings. Their pages are gone; the
// addresses go when there is room again, which is tried whenever others went. Taken all at once, so a place of the list
// is nobody else's meanwhile.
class stuck_ones {
  public:
    void add(entry& first) noexcept {
        entry* last = &first;
        while (last->next != nullptr) last = last->next;
        entry* before = first_.load(std::memory_order_relaxed);
        do {
            last->next = before;
        } while (!first_.compare_exchange_weak(before, &first, std::memory_order_acq_rel, std::memory_order_relaxed));
    }

    void try_again() noexcept {
        if (KRAIT_LIKELY(first_.load(std::memory_order_relaxed) == nullptr)) return;
        entry* left = first_.exchange(nullptr, std::memory_order_acq_rel);
        while (left != nullptr) {
            entry* const next = left->next; // another's as soon as it is forgotten
            if (!is_forgotten(*left)) break;
            left = next;
        }
        entry* none = nullptr;
        if (left != nullptr && !first_.compare_exchange_strong(none, left, std::memory_order_acq_rel)) add(*left);
    }

  private:
    std::atomic<entry*> first_{nullptr};
};

constinit stuck_ones stuck;

void forget(entry& e) noexcept {
    if (KRAIT_LIKELY(is_forgotten(e))) return stuck.try_again();
    e.next = nullptr;
    stuck.add(e);
}

// The freed blocks whose addresses nobody else gets, oldest first. A place is taken by one exchange.
class freed_ones {
  public:
    void keep(std::size_t most) noexcept {
        most_.store(most, std::memory_order_relaxed);
        let_go_beyond_most();
    }

    void add(entry& e) noexcept {
        bytes_.fetch_add(e.size, std::memory_order_relaxed);
        const std::uint32_t at = next_.fetch_add(1, std::memory_order_relaxed);
        let_go(places_[at % most_freed].exchange(&e, std::memory_order_acq_rel));
        let_go_beyond_most();
    }

    // Whether any went.
    bool let_all_go() noexcept {
        bool any = false;
        for (unsigned n = 0; n < most_freed; ++n) any |= let_oldest_go();
        return any;
    }

  private:
    static constexpr std::uint32_t most_freed = 1024;

    void let_go_beyond_most() noexcept {
        const std::size_t most = most_.load(std::memory_order_relaxed);
        for (unsigned n = 0; n < most_freed && bytes_.load(std::memory_order_relaxed) > most; ++n) let_oldest_go();
    }

    bool let_oldest_go() noexcept {
        const std::uint32_t at = oldest_.fetch_add(1, std::memory_order_relaxed);
        return let_go(places_[at % most_freed].exchange(nullptr, std::memory_order_acq_rel));
    }
    bool let_go(entry* e) noexcept {
        if (e == nullptr) return false;
        bytes_.fetch_sub(e->size, std::memory_order_relaxed);
        forget(*e);
        return true;
    }

    std::atomic<std::size_t> most_{0}, bytes_{0};
    std::atomic<std::uint32_t> next_{0}, oldest_{0};
    std::array<std::atomic<entry*>, most_freed> places_{};
};

constinit freed_ones waiting;
constinit std::size_t most_addresses = 0; // as chosen

os::fenced map(std::size_t size) noexcept {
    os::fenced memory = os::map_fenced(size);
    if (KRAIT_UNLIKELY(memory.start == nullptr) && waiting.let_all_go()) memory = os::map_fenced(size);
    return memory;
}

void put_canaries(const entry& e) noexcept {
    canary::put(e.address(), e.asked.load(std::memory_order_relaxed), e.room());
    canary::put_before(e.address(), e.before());
}

void look_at_canaries(const entry& e) noexcept {
    const std::size_t asked = e.asked.load(std::memory_order_relaxed);
    if (KRAIT_UNLIKELY(!canary::is_whole(e.address(), asked, e.room()))) stop(written_behind, e.address(), asked);
    if (KRAIT_UNLIKELY(!canary::is_whole_before(e.address(), e.before()))) stop(written_before, e.address(), asked);
}

// Memory of `size` bytes becomes a block at `before` of it. nullptr, and unmapped, where the table has no room.
entry* enter(const os::fenced& memory, std::size_t size, std::size_t before, std::size_t asked) noexcept {
    char* const address = memory.start + before;
    entry* const e = blocks.reserve(address);
    if (KRAIT_UNLIKELY(e == nullptr)) {
        os::unmap_fenced(memory, size);
        return nullptr;
    }
    e->memory = memory;
    e->size = size;
    e->asked.store(asked, std::memory_order_relaxed);
    e->key.store(reinterpret_cast<std::uintptr_t>(address) | entry::live, std::memory_order_release);
    return e;
}

// With more than a page's alignment, what lies before the block's page is never touched.
entry* make(std::size_t bytes, std::size_t alignment) noexcept {
    const std::size_t page = os::page_size();
    const std::size_t extra = alignment > page ? alignment : 0;
    if (bytes > most_bytes || alignment > most_bytes) return nullptr;
    const std::size_t size = os::page_ceiling(std::max<std::size_t>(bytes, 1)) + extra;
    const os::fenced memory = map(size);
    if (memory.start == nullptr) return nullptr;
    const auto end = reinterpret_cast<std::uintptr_t>(memory.start) + size;
    const std::uintptr_t address =
        (end - ceiling(std::max<std::size_t>(bytes, 1), alignment_of_all)) & ~(alignment - 1);
    return enter(memory, size, address - reinterpret_cast<std::uintptr_t>(memory.start), bytes);
}

entry& live_entry(request asked, const void* address) noexcept {
    entry* const e = blocks.find(address);
    if (KRAIT_UNLIKELY(e == nullptr)) stop(asked, defect::nobody_s, address);
    if (KRAIT_UNLIKELY((e->key.load(std::memory_order_relaxed) & entry::sorts) == entry::freed))
        stop(asked, defect::freed, address);
    return *e;
}

bool is_stranger(const entry& e) noexcept {
    return (e.key.load(std::memory_order_relaxed) & entry::sorts) == entry::stranger;
}

// A freed block faults from now on. Where the kernel has no room for that, at its limit on mappings, the addresses go
// back: then they fault, too, until somebody has them.
void seal(entry& e) noexcept {
    if (os::seal_fenced(e.memory, e.size) || (waiting.let_all_go() && os::seal_fenced(e.memory, e.size)))
        return waiting.add(e);
    forget(e);
}

// Where the block has room for as much, and not far more than it needs.
bool fits(const entry& e, std::size_t bytes) noexcept {
    const std::size_t room = e.room();
    return bytes <= room && (room - bytes < os::page_size() || bytes > room - room / 4);
}

void resize(entry& e, std::size_t bytes) noexcept {
    const std::size_t had = e.asked.load(std::memory_order_relaxed);
    std::memset(e.address() + had, 0, canary::end(had, e.room()) - had); // the program gets no canary to read
    e.asked.store(bytes, std::memory_order_relaxed);
    canary::put(e.address(), bytes, e.room());
}

// The request went past the pools, as the core counts it.
void count(std::size_t bytes) noexcept {
    process::record_type& own = *process::this_thread.record;
    if (KRAIT_LIKELY(&own != &process::nobody)) own.passthrough.count(bytes);
}

// To a mapping with an eighth more, pages and all: nothing is copied. The block may have room for more than it gets, to
// be aligned: only pages that it uses are moved.
void* move_grown(entry& e, std::size_t bytes) noexcept {
    const std::size_t page = os::page_size();
    if (bytes > most_bytes) return nullptr;
    const std::size_t before = e.before() % page, skipped = e.before() - before;
    const std::size_t size = os::page_ceiling(before + bytes + bytes / 8);
    const std::size_t had = e.asked.load(std::memory_order_relaxed); // < bytes
    const os::fenced memory = map(size);
    if (memory.start == nullptr) return nullptr;
    if (!os::move_pages(e.memory.start + skipped, os::page_ceiling(before + had), memory.start)) {
        os::unmap_fenced(memory, size);
        return nullptr;
    }
    char* const moved = memory.start + before;
    std::memset(moved + had, 0, canary::end(had, e.room()) - had); // the old block's canary
    entry* const fresh = enter(memory, size, before, bytes);
    if (KRAIT_UNLIKELY(fresh == nullptr)) fatal("no memory for the table of mapped blocks", e.address());
    put_canaries(*fresh);
    seal(e);
    return moved;
}

void* move(entry& e, std::size_t bytes) noexcept {
    constexpr std::size_t worth_pages = std::size_t{128} << 10;
    const std::size_t had = e.asked.load(std::memory_order_relaxed);
    const bool by_pages = bytes > had && had >= worth_pages && process::may_have(bytes - had);
    if (!e.becomes(entry::live, entry::freed)) stop(request::resize, defect::freed, e.address());
    if (by_pages) {
        if (void* const moved = move_grown(e, bytes)) return moved;
    }
    const int error = errno;
    void* const moved = serve(bytes);
    if (moved == nullptr) {
        e.becomes(entry::freed, entry::live); // it stays
        if (bytes > had) return nullptr;
        errno = error;
        resize(e, bytes);
        return e.address();
    }
    std::memcpy(moved, e.address(), std::min(bytes, had));
    seal(e);
    return moved;
}

void* stand_in_malloc(std::size_t bytes) { return allocate(bytes); }
void* stand_in_calloc(std::size_t, std::size_t bytes) { return allocate(bytes); } // the core has multiplied
void* stand_in_memalign(std::size_t alignment, std::size_t bytes) { return allocate(bytes, alignment); }
void* stand_in_realloc(void* address, std::size_t bytes) { return reallocate(address, bytes); }
void stand_in_free(void* address) {
    if (address != nullptr) release(address);
}

} // namespace

const os::allocator_functions stand_in{stand_in_malloc, stand_in_calloc, stand_in_realloc, stand_in_memalign,
                                       stand_in_free};

void open(std::size_t addresses) noexcept {
    most_addresses = addresses;
    mind_limits();
}

void mind_limits() noexcept {
    waiting.keep(os::is_mapping_limited() ? std::min(most_addresses, least_addresses) : most_addresses);
}

void* serve(std::size_t bytes, std::size_t alignment) noexcept {
    count(bytes);
    if (!process::may_have(bytes)) return nullptr;
    void* const block = allocate(bytes, alignment);
    return KRAIT_LIKELY(block != nullptr) || !process::make_room(bytes) ? block : allocate(bytes, alignment);
}

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
    const entry* const e = make(bytes, std::max(alignment, alignment_of_all));
    if (KRAIT_UNLIKELY(e == nullptr)) {
        errno = ENOMEM;
        return nullptr;
    }
    put_canaries(*e);
    return e->address();
}

void shorten(void* block, std::size_t bytes) noexcept {
    entry& e = live_entry(request::resize, block);
    if (KRAIT_LIKELY(!is_stranger(e))) resize(e, bytes);
}

void note_stranger(void* block) noexcept {
    entry* const e = blocks.reserve(block);
    if (e == nullptr) fatal("no memory for the table of mapped blocks", block);
    e->key.store(reinterpret_cast<std::uintptr_t>(block) | entry::stranger, std::memory_order_release);
}

void release(void* address) noexcept {
    entry& e = live_entry(request::release, address);
    if (KRAIT_UNLIKELY(is_stranger(e))) {
        e.key.store(0, std::memory_order_release);
        return os::functions_behind().free(address);
    }
    look_at_canaries(e);
    if (!e.becomes(entry::live, entry::freed)) stop(request::release, defect::freed, address);
    seal(e);
}

void* reallocate(void* address, std::size_t bytes) noexcept {
    entry& e = live_entry(request::resize, address);
    if (KRAIT_UNLIKELY(is_stranger(e))) {
        void* const moved = os::functions_behind().realloc(address, bytes);
        if (moved != nullptr && moved != address) {
            e.key.store(0, std::memory_order_release);
            note_stranger(moved);
        }
        return moved;
    }
    look_at_canaries(e);
    if (fits(e, bytes)) {
        resize(e, bytes);
        return address;
    }
    return move(e, bytes);
}

std::size_t usable_size(request asked, const void* address) noexcept {
    const entry& e = live_entry(asked, address);
    if (KRAIT_UNLIKELY(is_stranger(e))) return os::system_usable_size(const_cast<void*>(address));
    return e.asked.load(std::memory_order_relaxed);
}

void expect_size(const void* address, std::size_t bytes) noexcept {
    if (!has(address)) return;
    const entry& e = live_entry(request::release, address);
    const std::size_t asked = e.asked.load(std::memory_order_relaxed);
    if (KRAIT_UNLIKELY(asked != bytes && !is_stranger(e))) stop(wrong_size, address, asked);
}

bool has(const void* address) noexcept { return blocks.find(address) != nullptr; }

} // namespace krait::hard::mapped
