// libfaults.so, preloaded before krait: the calls that krait makes of the kernel, the threads library and the system allocator
// come here first, and the ones that FAULTS names (rules.hpp) fail. Calls of the program and of libc itself are left alone.
//
// Counters are shared with forked children. FAULTS_REPORT names a file that the first process writes at its exit: a line of CALL,
// calls made before the faults' end and calls failed. Nothing here allocates.
#include "rules.hpp"

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
int __register_atfork(void (*before)(), void (*parent)(), void (*child)(), void* library) noexcept;
void* __libc_malloc(size_t size) noexcept;
void* __libc_calloc(size_t count, size_t size) noexcept;
void* __libc_realloc(void* block, size_t size) noexcept;
void* __libc_memalign(size_t alignment, size_t size) noexcept;
void __libc_free(void* block) noexcept;
}

namespace {

using faults::call;

// Everything that is interposed, as the next library in link order has it.
#define INTERPOSED(X)                                                                                                  \
    X(mmap)                                                                                                            \
    X(munmap)                                                                                                          \
    X(mremap)                                                                                                          \
    X(madvise)                                                                                                         \
    X(pthread_key_create)                                                                                              \
    X(pthread_setspecific)                                                                                             \
    X(pthread_create)                                                                                                  \
    X(__register_atfork)                                                                                               \
    X(syscall)                                                                                                         \
    X(__libc_malloc)                                                                                                   \
    X(__libc_calloc)                                                                                                   \
    X(__libc_realloc)                                                                                                  \
    X(__libc_memalign)                                                                                                 \
    X(__libc_free)

struct functions {
#define FUNCTION(name) decltype(&::name) name;
    INTERPOSED(FUNCTION)
#undef FUNCTION
};
functions real;

struct counters {
    std::atomic<std::uint64_t> made[faults::call_count];
    std::atomic<std::uint64_t> failed[faults::call_count];
    std::atomic<bool> ended;
};

faults::rules rules;
counters* shared = nullptr;
bool is_set_up = false;
std::atomic<long> blocks_held{0}; // of the system allocator, by whoever asked krait for them
std::uintptr_t krait_begin, krait_end;
pid_t first_process;

int find_krait(dl_phdr_info* library, std::size_t, void* symbol) {
    const auto address = reinterpret_cast<std::uintptr_t>(symbol);
    std::uintptr_t begin = UINTPTR_MAX, end = 0;
    for (int i = 0; i < library->dlpi_phnum; ++i) {
        const auto& segment = library->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD) continue;
        const std::uintptr_t start = library->dlpi_addr + segment.p_vaddr;
        if (start < begin) begin = start;
        if (start + segment.p_memsz > end) end = start + segment.p_memsz;
    }
    if (address < begin || address >= end) return 0;
    krait_begin = begin;
    krait_end = end;
    return 1;
}

[[noreturn]] void refuse_rules() {
    static constexpr char message[] = "libfaults: FAULTS is not a list of rules\n";
    static_cast<void>(!write(STDERR_FILENO, message, sizeof message - 1));
    _exit(2);
}

// At the first call, which comes before this library's constructors and before there is a second thread.
void set_up() {
#define FUNCTION(name)                                                                                                 \
    if (real.name = reinterpret_cast<decltype(&::name)>(dlsym(RTLD_NEXT, #name)); real.name == nullptr) std::abort();
    INTERPOSED(FUNCTION)
#undef FUNCTION
    void* const memory =
        real.mmap(nullptr, sizeof(counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    first_process = getpid();
    if (void* const symbol = dlsym(RTLD_DEFAULT, "krait_version")) dl_iterate_phdr(find_krait, symbol);
    const char* const text = std::getenv("FAULTS");
    if (text != nullptr && !faults::parse(text, rules)) refuse_rules();
    shared = static_cast<counters*>(memory);
    // This library defines __libc_malloc, so krait will look other functions of the system allocator up in it: what the loader
    // needs for that is made before anything fails.
    Dl_info self{};
    if (dladdr(reinterpret_cast<void*>(&set_up), &self) == 0 || !dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD))
        std::abort();
    is_set_up = true;
}

bool is_krait(void* caller) {
    if (shared == nullptr) set_up();
    const auto from = reinterpret_cast<std::uintptr_t>(caller);
    return from >= krait_begin && from < krait_end;
}

// The errno that this call is to fail with, 0 if it is to be made.
int fault(call which) {
    if (shared == nullptr) set_up();
    if (shared->ended.load(std::memory_order_relaxed)) return 0;
    const auto index = static_cast<unsigned>(which);
    const std::uint64_t number = shared->made[index].fetch_add(1, std::memory_order_relaxed) + 1;
    if (!is_set_up || !rules.of[index].covers(number)) return 0;
    shared->failed[index].fetch_add(1, std::memory_order_relaxed);
    return rules.of[index].error;
}

void* held(void* block) {
    if (block != nullptr) blocks_held.fetch_add(1, std::memory_order_relaxed);
    return block;
}

[[gnu::destructor]] void report() {
    const char* const path = std::getenv("FAULTS_REPORT");
    if (path == nullptr || shared == nullptr || getpid() != first_process) return;
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    for (unsigned i = 0; i < faults::call_count; ++i) {
        dprintf(file, "%s %llu %llu\n", faults::kinds[i].name.data(),
                static_cast<unsigned long long>(shared->made[i].load()),
                static_cast<unsigned long long>(shared->failed[i].load()));
    }
    close(file);
}

} // namespace

#define EXPORT extern "C" [[gnu::visibility("default")]]

// The fault of a call if krait makes it: its calls return to krait, but for those of __libc_malloc and the like, which are
// tail calls, and which nobody else makes.
#define FAULT_OF_KRAIT(which) (is_krait(__builtin_return_address(0)) ? fault(call::which) : 0)

// Fails a call that says so by -1 (or `refusal`) and errno.
#define FAIL_BY_ERRNO(which, refusal)                                                                                  \
    if (const int error = FAULT_OF_KRAIT(which); error != 0) return errno = error, refusal
// Fails a call whose result is the error.
#define FAIL_BY_RESULT(which)                                                                                          \
    if (const int error = FAULT_OF_KRAIT(which); error != 0) return error
#define FAIL_ALLOCATION(which)                                                                                         \
    if (const int error = fault(call::which); error != 0) return errno = error, nullptr

// For the programs: from now on every call is made, in this process and its children.
EXPORT void faults_end() {
    if (shared == nullptr) set_up();
    shared->ended.store(true, std::memory_order_relaxed);
}
// Blocks of the system allocator that were taken through krait and not given back.
EXPORT long faults_blocks_held() { return blocks_held.load(std::memory_order_relaxed); }

EXPORT void* mmap(void* start, size_t size, int protection, int flags, int file, off_t offset) noexcept {
    FAIL_BY_ERRNO(mmap, MAP_FAILED);
    return real.mmap(start, size, protection, flags, file, offset);
}
EXPORT int munmap(void* start, size_t size) noexcept {
    FAIL_BY_ERRNO(munmap, -1);
    return real.munmap(start, size);
}
EXPORT void* mremap(void* start, size_t size, size_t new_size, int flags, ...) noexcept {
    FAIL_BY_ERRNO(mremap, MAP_FAILED);
    if ((flags & MREMAP_FIXED) == 0) return real.mremap(start, size, new_size, flags);
    std::va_list list;
    va_start(list, flags);
    void* const place = va_arg(list, void*);
    va_end(list);
    return real.mremap(start, size, new_size, flags, place);
}
EXPORT int madvise(void* start, size_t size, int advice) noexcept {
    FAIL_BY_ERRNO(madvise, -1);
    if (advice == MADV_NOHUGEPAGE && rules.huge && is_krait(__builtin_return_address(0))) advice = MADV_HUGEPAGE;
    return real.madvise(start, size, advice);
}

EXPORT int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
    FAIL_BY_RESULT(pthread_key_create);
    return real.pthread_key_create(key, destructor);
}
EXPORT int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
    FAIL_BY_RESULT(pthread_setspecific);
    return real.pthread_setspecific(key, value);
}
EXPORT int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                          void* argument) noexcept {
    FAIL_BY_RESULT(pthread_create);
    return real.pthread_create(thread, attributes, body, argument);
}
// What pthread_atfork is made of.
EXPORT int __register_atfork(void (*before)(), void (*parent)(), void (*child)(), void* library) noexcept {
    FAIL_BY_RESULT(register_atfork);
    return real.__register_atfork(before, parent, child, library);
}

// krait's way to all other system calls: those that may fail are told by their numbers.
EXPORT long syscall(long number, ...) noexcept {
    long with[6];
    std::va_list list;
    va_start(list, number);
    for (long& each : with) each = va_arg(list, long);
    va_end(list);
    if (number == SYS_sched_getaffinity) FAIL_BY_ERRNO(sched_getaffinity, -1);
    if (number == SYS_sysinfo) FAIL_BY_ERRNO(sysinfo, -1);
    const bool is_question = number == SYS_prlimit64 && with[2] == 0;
    if (is_question) FAIL_BY_ERRNO(getrlimit, -1);
    return real.syscall(number, with[0], with[1], with[2], with[3], with[4], with[5]);
}

EXPORT void* __libc_malloc(size_t size) noexcept {
    FAIL_ALLOCATION(libc_malloc);
    return held(real.__libc_malloc(size));
}
EXPORT void* __libc_calloc(size_t count, size_t size) noexcept {
    FAIL_ALLOCATION(libc_calloc);
    return held(real.__libc_calloc(count, size));
}
EXPORT void* __libc_memalign(size_t alignment, size_t size) noexcept {
    FAIL_ALLOCATION(libc_memalign);
    return held(real.__libc_memalign(alignment, size));
}
EXPORT void* __libc_realloc(void* block, size_t size) noexcept {
    // What glibc never refuses is not refused here: to make a block smaller.
    if (size > malloc_usable_size(block)) FAIL_ALLOCATION(libc_realloc);
    void* const moved = real.__libc_realloc(block, size);
    const bool is_freed = block != nullptr && size == 0;
    if (block == nullptr) held(moved);
    if (is_freed) blocks_held.fetch_sub(1, std::memory_order_relaxed);
    return moved;
}
EXPORT void __libc_free(void* block) noexcept {
    if (shared == nullptr) set_up();
    if (block != nullptr) blocks_held.fetch_sub(1, std::memory_order_relaxed);
    real.__libc_free(block);
}
