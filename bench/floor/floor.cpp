// The floor: what malloc and free would cost if memory did not matter and nothing went wrong.
//
// Thread-local free lists by class. A block goes to the list of whichever thread frees it and is never given back, a
// dead thread's lists are lost, nothing is checked. What an allocator needs beyond this is the price of returning
// memory, sharing it between threads and surviving mistakes. Preload it to measure, never to work.
//
//   span    64 KiB of one class, carved from front to back; span_class[] tells free() the class of its blocks
//   class   blocks of one size: multiples of 16 to 1024 bytes, then four to a power of two, to 32 KiB
#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

extern "C" {
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

constexpr std::size_t granule = 16, linear_limit = 1024, small_limit = 32 * 1024;
constexpr std::size_t span_bytes = 64 * 1024, range_bytes = std::size_t{16} << 30, spans = range_bytes / span_bytes;
constexpr std::size_t linear_classes = linear_limit / granule, classes = linear_classes + 4 * 5;

struct block {
    block* next;
};

struct list {
    block* freed;
    char *fresh, *end; // what is left of the newest span
};

thread_local constinit list lists[classes] = {};
constinit std::uint8_t span_class[spans] = {};
constinit std::atomic<char*> range{nullptr};
constinit std::atomic<std::size_t> used_spans{0};

std::size_t class_of(std::size_t size) {
    if (size <= linear_limit) return size == 0 ? 0 : (size - 1) / granule;
    const auto log2 = static_cast<std::size_t>(std::bit_width(size - 1)) - 1; // 2^log2 < size <= 2^(log2 + 1)
    const std::size_t quarter = (size - 1) >> (log2 - 2) & 3;
    return linear_classes + 4 * (log2 - 10) + quarter;
}

std::size_t size_of(std::size_t szidx) {
    if (szidx < linear_classes) return (szidx + 1) * granule;
    const std::size_t above = szidx - linear_classes;
    return (linear_limit << above / 4) / 4 * (5 + above % 4);
}

char* range_base() {
    char* base = range.load(std::memory_order_acquire);
    if (base != nullptr) return base;
    void* mapped = mmap(nullptr, range_bytes + span_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return nullptr;
    const auto address = reinterpret_cast<std::uintptr_t>(mapped);
    base = static_cast<char*>(mapped) + (span_bytes - address % span_bytes) % span_bytes;
    char* first = nullptr;
    return range.compare_exchange_strong(first, base) ? base : first;
}

[[gnu::noinline]] void* carve_slow(std::size_t szidx) {
    char* base = range_base();
    list& mine = lists[szidx];
    const std::size_t size = size_of(szidx);
    if (static_cast<std::size_t>(mine.end - mine.fresh) < size) {
        const std::size_t span = used_spans.fetch_add(1);
        if (base == nullptr || span >= spans) return __libc_malloc(size);
        span_class[span] = static_cast<std::uint8_t>(szidx);
        mine.fresh = base + span * span_bytes;
        mine.end = mine.fresh + span_bytes;
    }
    char* carved = mine.fresh;
    mine.fresh += size;
    return carved;
}

void* take(std::size_t szidx) {
    list& mine = lists[szidx];
    block* first = mine.freed;
    if (first == nullptr) [[unlikely]]
        return carve_slow(szidx);
    mine.freed = first->next;
    return first;
}

std::size_t offset_of(const void* p) {
    return static_cast<std::size_t>(static_cast<const char*>(p) - range.load(std::memory_order_relaxed));
}

} // namespace

extern "C" {

void* malloc(std::size_t size) {
    if (size > small_limit) [[unlikely]]
        return __libc_malloc(size);
    return take(class_of(size));
}

void free(void* p) {
    const std::size_t offset = offset_of(p);
    if (offset >= range_bytes) [[unlikely]]
        return __libc_free(p);
    list& mine = lists[span_class[offset / span_bytes]];
    auto* freed = static_cast<block*>(p);
    freed->next = mine.freed;
    mine.freed = freed;
}

std::size_t malloc_usable_size(void* p) {
    const std::size_t offset = offset_of(p);
    if (offset < range_bytes) return size_of(span_class[offset / span_bytes]);
    // glibc's own chunk header: the size, three flags in its low bits, before the block; no symbol tells it.
    return p == nullptr ? 0 : (static_cast<std::size_t*>(p)[-1] & ~std::size_t{7}) - 2 * sizeof(std::size_t);
}

void* calloc(std::size_t count, std::size_t size) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    void* p = malloc(bytes);
    return p == nullptr ? p : std::memset(p, 0, bytes);
}

void* realloc(void* p, std::size_t size) {
    if (p == nullptr) return malloc(size);
    if (offset_of(p) >= range_bytes && size > small_limit) return __libc_realloc(p, size);
    const std::size_t old = malloc_usable_size(p);
    if (size <= old && size > old / 2) return p;
    void* moved = malloc(size);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, p, old < size ? old : size);
    free(p);
    return moved;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    if (alignment <= granule) return malloc(size);
    // A power of two divides a span, so its blocks are aligned to it.
    const std::size_t whole = std::bit_ceil(size > alignment ? size : alignment);
    return whole <= small_limit ? take(class_of(whole)) : __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) { return aligned_alloc(alignment, size); }

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    *result = aligned_alloc(alignment, size);
    return *result == nullptr ? ENOMEM : 0;
}
}

void* operator new(std::size_t size) { return malloc(size); }
void* operator new[](std::size_t size) { return malloc(size); }
void operator delete(void* p) noexcept { free(p); }
void operator delete[](void* p) noexcept { free(p); }
void operator delete(void* p, std::size_t) noexcept { free(p); }
void operator delete[](void* p, std::size_t) noexcept { free(p); }
