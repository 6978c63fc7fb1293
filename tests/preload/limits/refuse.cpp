// refuse CALL... -- COMMAND...: runs a command for which the kernel refuses some calls, whoever makes them and however.
//   mmap=BYTES      mappings larger than BYTES fail with ENOMEM: strict overcommit, or a small container
//   growth          growing a mapping in place fails with ENOMEM: something lies behind it, or there is no memory
//   madvise         every madvise fails with EINVAL: an old kernel
//   thread          starting a thread fails with EAGAIN: a limit of their number
// Status 77 when the kernel does not let a process filter its own system calls.
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace {

using program = std::vector<sock_filter>;

constexpr unsigned low_word(unsigned argument) { return offsetof(seccomp_data, args) + argument * 8; }
constexpr unsigned high_word(unsigned argument) { return low_word(argument) + 4; }

void load(program& to, unsigned offset) { to.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }
void refuse(program& to, unsigned error) { to.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error)); }

// Each rule starts from the system call's number, falls through to the next rule, and reloads nothing it needs not.
void refuse_large_mmap(program& to, unsigned bytes) {
    load(to, offsetof(seccomp_data, nr));
    to.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 5));
    load(to, high_word(1));
    to.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 0, 2, 0));
    load(to, low_word(1));
    to.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, bytes, 0, 1));
    refuse(to, ENOMEM);
}

void refuse_always(program& to, unsigned call, unsigned error) {
    load(to, offsetof(seccomp_data, nr));
    to.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    refuse(to, error);
}

bool install(program rules) {
    rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog filter{static_cast<unsigned short>(rules.size()), rules.data()};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

} // namespace

int main(int, char** argument) {
    program rules;
    for (++argument; *argument && std::strcmp(*argument, "--") != 0; ++argument) {
        if (std::strncmp(*argument, "mmap=", 5) == 0)
            refuse_large_mmap(rules, static_cast<unsigned>(std::strtoul(*argument + 5, nullptr, 10)));
        else if (std::strcmp(*argument, "growth") == 0)
            refuse_always(rules, SYS_mremap, ENOMEM);
        else if (std::strcmp(*argument, "madvise") == 0)
            refuse_always(rules, SYS_madvise, EINVAL);
        else if (std::strcmp(*argument, "thread") == 0)
            refuse_always(rules, SYS_clone3, EAGAIN);
        else
            return std::fprintf(stderr, "refuse: unknown call '%s'\n", *argument), 2;
    }
    if (!*argument || !argument[1]) return std::fprintf(stderr, "usage: refuse CALL... -- COMMAND...\n"), 2;
    if (!install(rules))
        return std::fprintf(stderr, "skipped: no seccomp filters here: %s\n", std::strerror(errno)), 77;
    execv(argument[1], argument + 1);
    std::perror(argument[1]);
    return 2;
}
