// A program that asks for no memory before it does something that the allocator's set-up must be in time for. No C++ runtime is
// linked, as its constructors ask.
//   first_request arenas   chooses the number of glibc's arenas: the choice stays
//   first_request filter   gets a system call filter that knows what glibc's malloc calls from its first request on
//   first_request fork     forks: both processes allocate and fork again
//   first_request vfork    lends its memory to a child, which asks first: a limit set later is the program's own all the same
#include "../../support/hazard.hpp"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace {

constexpr std::size_t count = 20'000;
char* blocks[count];

void allocate_and_free() {
    for (std::size_t size : {100u, 17u, 512u, 3000u, 40'000u}) {
        const std::size_t some = size > 512 ? 500 : count;
        for (std::size_t i = 0; i < some; ++i) {
            blocks[i] = static_cast<char*>(std::malloc(size));
            CHECK(blocks[i]);
            *blocks[i] = 1;
        }
        for (std::size_t i = 0; i < some; ++i) std::free(blocks[i]);
    }
}

// Never krait's, nor large enough for a mapping of its own.
constexpr std::size_t of_the_heap = 200'000;
constexpr int least_mapped = 1 << 20;

void* allocate_of_the_heap(void*) { return std::malloc(of_the_heap); }

void choose_arenas() {
    CHECK(mallopt(M_ARENA_MAX, 1) == 1);
    CHECK(mallopt(M_MMAP_THRESHOLD, least_mapped) == 1);
    char* const first = static_cast<char*>(std::malloc(of_the_heap));
    for (int threads = 0; threads < 4; ++threads) {
        pthread_t thread;
        void* block = nullptr;
        CHECK(pthread_create(&thread, nullptr, allocate_of_the_heap, nullptr) == 0);
        CHECK(pthread_join(thread, &block) == 0);
        CHECK(block >= first && block < sbrk(0)); // in the one heap, which the break ends
    }
}

bool install_filter() {
    static sock_filter rules[32];
    unsigned short length = 0;
    rules[length++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
    for (int call : {SYS_write, SYS_exit_group, SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_futex,
                     SYS_getrandom}) {
        rules[length++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1);
        rules[length++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    rules[length++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    const sock_fprog filter{length, rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

void fork_and_allocate(int depth) {
    const pid_t child = fork();
    CHECK(child >= 0);
    allocate_and_free();
    if (depth > 0) fork_and_allocate(depth - 1);
    if (child == 0) _exit(0);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Under the limit, the addresses that small blocks left free can be had as one mapping.
void limit_after_vfork() {
    constexpr std::size_t small = 400, limit_bytes = std::size_t{256} << 20;
    struct linked {
        linked* next;
    };
    const pid_t child = vfork();
    if (child == 0) {
        std::free(hazard::opaque(std::malloc(100)));
        _exit(0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    linked *list = nullptr, **end = &list;
    for (std::size_t bytes = 0; bytes < limit_bytes / 4 * 3; bytes += small) {
        *end = static_cast<linked*>(std::malloc(small));
        CHECK(*end);
        end = &(*end)->next;
    }
    *end = nullptr;
    while (list) { // the first one first, or glibc's heap would end with a block that its cache holds
        linked* const next = list->next;
        std::free(list);
        list = next;
    }
    const rlimit limit{limit_bytes, limit_bytes};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    void* const mapping = mmap(nullptr, limit_bytes / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mapping != MAP_FAILED);
}

} // namespace

int main(int argc, char** argv) {
    CHECK(argc == 2);
    if (std::strcmp(argv[1], "arenas") == 0) {
        choose_arenas();
    } else if (std::strcmp(argv[1], "fork") == 0) {
        fork_and_allocate(2);
    } else if (std::strcmp(argv[1], "vfork") == 0) {
        limit_after_vfork();
    } else {
        if (!install_filter()) hazard::skip("no system call filter can be set here");
        allocate_and_free();
        _exit(0);
    }
}
