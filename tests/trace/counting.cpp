// Counts what the malloc family is asked for, over glibc's, under one lock: the reference that a trace's totals are
// compared with. Writes "allocs frees bytes live live_bytes peak" to the file COUNTS at the end; a forked child, which
// begins to count anew, to COUNTS.PID.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace {

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
struct row {
    std::uintptr_t address; // 0 = never used, 1 = not any more
    std::size_t size;
};
constexpr std::size_t rows = std::size_t{1} << 22;
row* table;
std::uint64_t allocs, frees, bytes, live, live_bytes, peak;
pid_t first_process;
// What libc asks for at a thread's start depends on how many libraries have such variables: the recorder's does.
[[gnu::tls_model("initial-exec")]] thread_local volatile std::uint64_t of_this_thread;

row* find(std::uintptr_t address) {
    if (table == nullptr) {
        void* const memory =
            mmap(nullptr, rows * sizeof(row), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        table = static_cast<row*>(memory);
    }
    std::size_t at = (address >> 4) * 0x9e3779b97f4a7c15 >> 42;
    row* unused = nullptr;
    for (;; at = (at + 1) % rows) {
        if (table[at].address == address) return &table[at];
        if (table[at].address == 1 && unused == nullptr) unused = &table[at];
        if (table[at].address == 0) return unused != nullptr ? unused : &table[at];
    }
}

// With the lock held.
void came(void* block, std::size_t size) {
    row* const at = find(reinterpret_cast<std::uintptr_t>(block));
    *at = {reinterpret_cast<std::uintptr_t>(block), size};
    of_this_thread = of_this_thread + 1;
    ++allocs;
    bytes += size;
    ++live;
    live_bytes += size;
    if (live_bytes > peak) peak = live_bytes;
}

void went(void* block) {
    row* const at = find(reinterpret_cast<std::uintptr_t>(block));
    ++frees;
    if (at->address != reinterpret_cast<std::uintptr_t>(block)) return;
    --live;
    live_bytes -= at->size;
    at->address = 1;
}

struct held {
    held() { pthread_mutex_lock(&lock); }
    ~held() { pthread_mutex_unlock(&lock); }
};

void write_counts() {
    char name[512], text[256];
    const char* const file = std::getenv("COUNTS");
    if (file == nullptr) return;
    std::strcpy(name, file);
    if (getpid() != first_process) std::sprintf(name + std::strlen(name), ".%d", getpid());
    const int length = std::sprintf(text, "%lu %lu %lu %lu %lu %lu\n", allocs, frees, bytes, live, live_bytes, peak);
    const int out = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (write(out, text, static_cast<std::size_t>(length)) != length) abort();
    close(out);
}

[[gnu::constructor(101)]] void start() {
    first_process = getpid();
    // A forked child counts what it does itself, as its trace does.
    pthread_atfork([] { pthread_mutex_lock(&lock); }, [] { pthread_mutex_unlock(&lock); },
                   [] {
                       std::memset(table, 0, rows * sizeof(row));
                       allocs = frees = bytes = live = live_bytes = peak = 0;
                       pthread_mutex_unlock(&lock);
                   });
}
[[gnu::destructor(101)]] void finish() { write_counts(); }

} // namespace

#define EXPORT __attribute__((visibility("default")))
extern "C" {
EXPORT void* malloc(std::size_t size) {
    const held now;
    void* const block = __libc_malloc(size);
    if (block != nullptr) came(block, size);
    return block;
}
EXPORT void* calloc(std::size_t count, std::size_t size) {
    const held now;
    void* const block = __libc_calloc(count, size);
    if (block != nullptr) came(block, count * size);
    return block;
}
EXPORT void free(void* block) {
    if (block == nullptr) return;
    const held now;
    went(block);
    __libc_free(block);
}
EXPORT void* realloc(void* block, std::size_t size) {
    if (block == nullptr) return malloc(size);
    const held now;
    void* const moved = __libc_realloc(block, size);
    if (moved == nullptr && size != 0) return nullptr;
    went(block);
    if (moved != nullptr) came(moved, size);
    return moved;
}
EXPORT void* memalign(std::size_t alignment, std::size_t size) {
    const held now;
    void* const block = __libc_memalign(alignment, size);
    if (block != nullptr) came(block, size);
    return block;
}
EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
EXPORT int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    void* const block = memalign(alignment, size);
    if (block == nullptr) return 12;
    *result = block;
    return 0;
}
}
