#include "doctor/thread_registers.hpp"

#include "proc_file.hpp"

#include <fmt/format.h>

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace krait::tools {

namespace {

// A set of registers as the kernel hands it out; empty where there is none.
template <class T>
bool get_set(pid_t thread, unsigned which, T& into) {
    iovec at{&into, sizeof into};
    return ptrace(PTRACE_GETREGSET, thread, reinterpret_cast<void*>(std::uintptr_t{which}), &at) == 0;
}

template <class T>
void add_words(const T& from, std::vector<std::uint64_t>& words) {
    const std::size_t before = words.size();
    words.resize(before + sizeof from / sizeof words[0]);
    std::memcpy(words.data() + before, &from, (words.size() - before) * sizeof words[0]);
}

} // namespace

#if defined(__x86_64__)

thread_registers registers_of(pid_t thread) {
    thread_registers made;
    user_regs_struct general{};
    if (!get_set(thread, NT_PRSTATUS, general)) return made;
    made.is_known = true;
    made.stack_pointer = general.rsp;
    made.instruction = general.rip;
    made.thread_pointer = general.fs_base;
    made.general = {general.rax, general.rdx, general.rcx, general.rbx, general.rsi, general.rdi,
                    general.rbp, general.rsp, general.r8,  general.r9,  general.r10, general.r11,
                    general.r12, general.r13, general.r14, general.r15, general.rip};
    add_words(general, made.words);
    user_fpregs_struct vectors{};
    if (get_set(thread, NT_PRFPREG, vectors)) add_words(vectors, made.words);
    return made;
}

namespace {

// Calls that any stop breaks off, and that did nothing yet where they say so (signal(7)): those that wait for events,
// and those on sockets with a time limit (SO_RCVTIMEO, SO_SNDTIMEO), which begins anew. Not connect(2), which
// goes on without the thread. With a mask of their own they must see a signal that they let in.
bool may_be_entered_again(long call, const user_regs_struct& of) {
    switch (call) {
    case SYS_epoll_wait:
    case SYS_semop:
    case SYS_semtimedop:
    case SYS_io_getevents:
    case SYS_rt_sigtimedwait: // what it waits for stays pending
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_accept:
    case SYS_accept4:
    case SYS_write:
    case SYS_writev:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_sendmmsg:
        return true;
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        return of.r8 == 0;
    default:
        return false;
    }
}

} // namespace

void enter_broken_call_again(pid_t thread) {
    constexpr unsigned bytes_of_syscall = 2;
    user_regs_struct general{};
    if (!get_set(thread, NT_PRSTATUS, general)) return;
    const auto call = static_cast<long>(general.orig_rax);
    if (call < 0 || static_cast<long>(general.rax) != -EINTR) return;
    if (!may_be_entered_again(call, general)) return;
    const std::string status = read_proc_file(fmt::format("/proc/{}/status", thread)).value_or("");
    const auto mask_in = [&status](const char* name) {
        const std::size_t at = status.find(name);
        return at == std::string::npos ? ~0ULL : std::strtoull(status.c_str() + at + std::strlen(name), nullptr, 16);
    };
    if (((mask_in("SigPnd:") | mask_in("ShdPnd:")) & ~mask_in("SigBlk:")) != 0) return;
    general.rax = general.orig_rax;
    general.rip -= bytes_of_syscall;
    general.orig_rax = ~0ULL;
    iovec at{&general, sizeof general};
    ptrace(PTRACE_SETREGSET, thread, reinterpret_cast<void*>(std::uintptr_t{NT_PRSTATUS}), &at);
}

#elif defined(__aarch64__)

thread_registers registers_of(pid_t thread) {
    thread_registers made;
    user_regs_struct general{};
    if (!get_set(thread, NT_PRSTATUS, general)) return made;
    made.is_known = true;
    made.stack_pointer = general.sp;
    made.instruction = general.pc;
    get_set(thread, NT_ARM_TLS, made.thread_pointer);
    made.general.assign(std::begin(general.regs), std::end(general.regs));
    made.general.push_back(general.sp);
    add_words(general, made.words);
    user_fpsimd_struct vectors{};
    if (get_set(thread, NT_PRFPREG, vectors)) add_words(vectors, made.words);
    return made;
}

// The call's first argument is not in its register any more.
void enter_broken_call_again(pid_t) {}

#else
#error "krait doctor knows the registers of x86-64 and aarch64"
#endif

} // namespace krait::tools
