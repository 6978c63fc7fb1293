// The smallest stacks that POSIX threads have, 16 KiB on x86-64 and 128 KiB on aarch64: every path of the allocator must fit
// beside static TLS.
#include "../../support/hazard.hpp"
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>

namespace {

#ifdef __aarch64__
constexpr std::size_t stack_size = 128 * 1024;
#else
constexpr std::size_t stack_size = 16 * 1024;
#endif
constexpr std::size_t guard_size = 4096;
constexpr std::size_t blocks = 3000;

void* every_path(void*) {
    static void* taken[blocks];
    for (std::size_t i = 0; i < blocks; ++i) {
        taken[i] = i % 3 ? std::malloc(i % 520) : std::calloc(1, i);
        CHECK(taken[i]);
    }
    for (std::size_t i = 0; i < blocks; i += 2) {
        taken[i] = std::realloc(taken[i], i * 2 + 1);
        CHECK(taken[i]);
    }
    void* aligned = nullptr;
    CHECK(posix_memalign(&aligned, 1024, 300) == 0);
    std::free(aligned);
    for (void* block : taken) std::free(block);
    malloc_trim(0);
    return nullptr;
}

} // namespace

int main() {
    CHECK(sysconf(_SC_THREAD_STACK_MIN) <= long{stack_size});
    // Static TLS lives on the stack: the guard page below turns an overflow into a fault.
    for (int round = 0; round < 20; ++round) {
        void* memory =
            mmap(nullptr, guard_size + stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(memory != MAP_FAILED && mprotect(memory, guard_size, PROT_NONE) == 0);
        pthread_attr_t attributes;
        CHECK(pthread_attr_init(&attributes) == 0);
        CHECK(pthread_attr_setstack(&attributes, static_cast<char*>(memory) + guard_size, stack_size) == 0);
        pthread_t thread;
        CHECK(pthread_create(&thread, &attributes, every_path, nullptr) == 0);
        CHECK(pthread_join(thread, nullptr) == 0);
        CHECK(pthread_attr_destroy(&attributes) == 0);
        CHECK(munmap(memory, guard_size + stack_size) == 0);
    }
}
