// syscall(2) hands on what its caller passes, all six arguments, and leaves the caller's stack alone: on x86-64 the sixth lies
// there, and the same place is a local variable of a caller that passes fewer. Another thread or a handler may write to it
// at any moment. Before the first request for memory and after it: no C++ runtime is linked, as its constructors ask.
#include "../../support/hazard.hpp"
#include <csignal>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>

namespace {

// The second page of a file differs from the first: the program's own has its header there.
void pass_a_sixth_argument() {
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    CHECK(file >= 0);
    const long page = sysconf(_SC_PAGESIZE);
    const long mapped = syscall(SYS_mmap, 0L, page, long{PROT_READ}, long{MAP_PRIVATE}, long{file}, page);
    CHECK(mapped != -1);
    char there[256];
    CHECK(pread(file, there, sizeof there, page) == sizeof there);
    CHECK(std::memcmp(reinterpret_cast<const void*>(mapped), there, sizeof there) == 0);
    CHECK(munmap(reinterpret_cast<void*>(mapped), static_cast<std::size_t>(page)) == 0);
    close(file);
}

void fail_as_the_kernel_does() {
    errno = 0;
    CHECK(syscall(SYS_close, -1L) == -1 && errno == EBADF);
}

} // namespace

#if defined(__x86_64__)

// Makes a system call without arguments, instruction by instruction, a handler after each: adds one to the variable at
// the end of the frame. Returns what is there in the end.
extern "C" {
[[gnu::visibility("hidden")]] long call_in_steps();
[[gnu::visibility("hidden")]] long (*stepped_function)(long, ...) = syscall;
[[gnu::visibility("hidden")]] volatile long* stepped_variable = nullptr;
[[gnu::visibility("hidden")]] volatile int is_stepping = 0;
}
static_assert(SYS_getpid == 39);
__asm__(R"(
        .pushsection .text
call_in_steps:
        sub     $24, %rsp
        movq    $0, (%rsp)
        mov     %rsp, stepped_variable(%rip)
        movl    $1, is_stepping(%rip)
        pushf
        orl     $0x100, (%rsp)
        popf
        mov     $39, %edi
        xor     %eax, %eax
        call    *stepped_function(%rip)
        movl    $0, is_stepping(%rip)
        nop
        mov     (%rsp), %rax
        add     $24, %rsp
        ret
        .popsection
)");

namespace {

volatile long steps = 0;

void step(int, siginfo_t*, void* context) {
    constexpr greg_t trap_flag = 0x100;
    if (is_stepping == 0) {
        static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~trap_flag;
        return;
    }
    steps = steps + 1;
    *stepped_variable = *stepped_variable + 1;
}

void leave_the_callers_stack_alone() {
    struct sigaction action {};
    action.sa_sigaction = step;
    action.sa_flags = SA_SIGINFO;
    CHECK(sigaction(SIGTRAP, &action, nullptr) == 0);
    steps = 0;
    const long found = call_in_steps();
    if (steps == 0) hazard::skip("no single steps here");
    CHECK(found == steps);
}

} // namespace

#else // all seven are in registers

namespace {
void leave_the_callers_stack_alone() {}
} // namespace

#endif

int main() {
    for (int round = 0; round < 2; ++round) {
        CHECK(syscall(SYS_getpid) == getpid()); // binds the name
        fail_as_the_kernel_does();
        pass_a_sixth_argument();
        leave_the_callers_stack_alone();
        std::free(hazard::opaque(std::malloc(100)));
    }
}
