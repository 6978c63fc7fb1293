// A program gets a system call filter that knows what glibc's malloc calls, and ends the process at anything else.
//   filtered everything|no-madvise|no-mprotect|least   what glibc's malloc ever calls; without madvise; without mprotect either,
//                                                      which it needs for its threads' heaps alone; without mremap either
//   filtered WHICH in-child                            the same in a child of _Fork, of which no allocator is told
//   filtered WHICH seccomp|prctl                       the filter is set by syscall(2), as libseccomp does
//   filtered WHICH forks                               it knows what fork calls, too: parent and child go on
#include "../../support/hazard.hpp"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <vector>

namespace {

constexpr std::size_t count = 200'000;
char* blocks[count];

enum class way { by_prctl, by_number_of_prctl, by_number_of_seccomp };

bool set(const sock_fprog& filter, way by) {
    switch (by) {
    case way::by_prctl:
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
    case way::by_number_of_prctl:
        return syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
    case way::by_number_of_seccomp:
        break;
    }
    // As libseccomp asks what the kernel knows: refused, and no filter.
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, nullptr) == -1 && errno == EFAULT);
    // The kernel takes an int, whose upper half is whatever the caller's register had.
    constexpr long whatever = 0x5bad'5bad'0000'0000;
    return syscall(SYS_seccomp, whatever | SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

bool install(const std::vector<unsigned>& calls, way by) {
    std::vector<sock_filter> rules{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (unsigned call : calls) {
        rules.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
        rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    const sock_fprog filter{static_cast<unsigned short>(rules.size()), rules.data()};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set(filter, by);
}

void use_memory(int rounds) {
    for (std::size_t size : {100u, 17u, 512u, 3000u}) {
        for (int round = 0; round < rounds; ++round) {
            for (char*& each : blocks) {
                each = static_cast<char*>(std::malloc(size));
                CHECK(each);
                *each = 1;
            }
            // A few stay a while, so that arenas are left with free pools.
            for (std::size_t i = 0; i < count; ++i)
                if (i % 5000 != 0) std::free(blocks[i]);
            for (std::size_t i = 0; i < count; i += 5000) std::free(blocks[i]);
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    CHECK(argc == 2 || argc == 3);
    const char* const how = argc == 3 ? argv[2] : "";
    const way by = std::strcmp(how, "seccomp") == 0 ? way::by_number_of_seccomp
                   : std::strcmp(how, "prctl") == 0 ? way::by_number_of_prctl
                                                    : way::by_prctl;
    if (std::strcmp(how, "in-child") == 0) {
        const pid_t child = _Fork();
        int status = -1;
        if (child != 0) {
            CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
            if (WEXITSTATUS(status) == 77) hazard::skip("no system call filter can be set here");
            CHECK(WEXITSTATUS(status) == 0);
            return 0;
        }
    }
    const bool everything = std::strcmp(argv[1], "everything") == 0;
    const bool protects = everything || std::strcmp(argv[1], "no-madvise") == 0;
    const bool is_least = std::strcmp(argv[1], "least") == 0;
    const bool forks = std::strcmp(how, "forks") == 0;
    std::vector<unsigned> calls{SYS_write, SYS_exit_group, SYS_brk, SYS_mmap, SYS_munmap, SYS_futex};
    if (!is_least) calls.push_back(SYS_mremap);
    if (everything) calls.push_back(SYS_madvise);
    if (protects) calls.push_back(SYS_mprotect);
    if (forks) calls.insert(calls.end(), {SYS_clone, SYS_set_robust_list, SYS_wait4, SYS_rt_sigprocmask});
    if (!install(calls, by)) hazard::skip("no system call filter can be set here");
    const pid_t child = forks ? fork() : 0;
    if (forks) CHECK(child >= 0);
    use_memory(by == way::by_prctl && !forks ? 3 : 1); // what is called is the same
    int status = -1;
    if (child != 0) CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    _exit(0);
}
