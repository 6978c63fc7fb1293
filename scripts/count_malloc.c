// A malloc that passes everything on to glibc's (or to whoever brings glibc's names, as tcmalloc does) and counts what is live, for scripts/programs --shares: how much of a program's
// memory is malloc's. The counts lie in the file COUNT_MALLOC.<process>, mapped, so that they are read from outside at any
// moment; a program that executes another starts anew. Bytes are as malloc_usable_size has them, small ones up to 520: blocks
// of up to 512 bytes and what glibc rounds them up to.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);

struct counts {
    atomic_long live, small; // bytes
};
static struct counts before_main;
static struct counts* counts = &before_main;

// That of whoever serves the blocks. The program's own may be another's, as redis-server's is jemalloc's; null before it is
// found, and what was allocated until then is not counted.
static size_t (*size_of)(void*);

static void count(void* block, int sign) {
    if (block == NULL || size_of == NULL) return;
    const long bytes = (long)size_of(block);
    atomic_fetch_add_explicit(&counts->live, sign * bytes, memory_order_relaxed);
    if (bytes <= 520) atomic_fetch_add_explicit(&counts->small, sign * bytes, memory_order_relaxed);
}

static void* counted(void* block) {
    count(block, 1);
    return block;
}

static void find_size_of(void) {
    Dl_info server;
    void* library =
        dladdr((void*)__libc_malloc, &server) != 0 ? dlopen(server.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (library != NULL) size_of = (size_t(*)(void*))dlsym(library, "malloc_usable_size");
}

size_t malloc_usable_size(void* block) { return block == NULL || size_of == NULL ? 0 : size_of(block); }

__attribute__((constructor)) static void map_counts(void) {
    find_size_of();
    const char* name = getenv("COUNT_MALLOC");
    char file[4096];
    if (name == NULL || snprintf(file, sizeof file, "%s.%d", name, (int)getpid()) >= (int)sizeof file) return;
    unlink(file); // of a program before, which may have been another user's
    const int descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    if (ftruncate(descriptor, sizeof(struct counts)) == 0) {
        void* at = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (at != MAP_FAILED) { // no other thread is there yet
            struct counts* shared = at;
            atomic_store(&shared->live, atomic_load(&before_main.live));
            atomic_store(&shared->small, atomic_load(&before_main.small));
            counts = shared;
        }
    }
    close(descriptor);
}

void* malloc(size_t size) { return counted(__libc_malloc(size)); }
void* calloc(size_t count_of, size_t size) { return counted(__libc_calloc(count_of, size)); }
void* memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void* aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void free(void* block) {
    const int kept = errno;
    count(block, -1);
    __libc_free(block);
    errno = kept;
}

void* realloc(void* block, size_t size) {
    count(block, -1);
    void* moved = __libc_realloc(block, size);
    if (moved == NULL && size != 0) count(block, 1); // it is where it was
    return counted(moved);
}

void* reallocarray(void* block, size_t count_of, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count_of, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, bytes);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
    if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    void* made = counted(__libc_memalign(alignment, size));
    if (made == NULL) return ENOMEM;
    *block = made;
    return 0;
}
