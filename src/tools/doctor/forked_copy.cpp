#include "doctor/forked_copy.hpp"

#include "core/reader_call.hpp"
#include "doctor/ptrace_registers.hpp"
#include "failure.hpp"
#include "proc_file.hpp"

#include <krait/stats_block.h>

#include <fmt/format.h>

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace krait::tools {

#if defined(__x86_64__)

namespace {

constexpr int call_stop = SIGTRAP | 0x80;
constexpr int birth_stop = SIGTRAP | PTRACE_EVENT_CLONE << 8;

// A call that has a mask of signals of its own: a signal that comes while the thread is kept from it would not end it.
bool has_own_mask(const user_regs_struct& of) {
    switch (static_cast<long>(of.orig_rax)) {
    case SYS_rt_sigsuspend:
    case SYS_rt_sigtimedwait:
    case SYS_io_pgetevents:
    case SYS_io_uring_enter:
        return true;
    case SYS_ppoll:
        return of.r10 != 0;
    case SYS_pselect6:
        return of.r9 != 0;
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        return of.r8 != 0;
    default:
        return false;
    }
}

// Where the thread would go on and with what, as the kernel sets it when it lets a thread go whose call it broke off.
void enter_call_again(user_regs_struct& of) {
    constexpr long restart_always = -512, restart_unless_handled = -513, restart_unless_signalled = -514,
                   restart_block = -516;
    constexpr unsigned bytes_of_syscall = 2;
    if (static_cast<long>(of.orig_rax) < 0) return;
    const auto result = static_cast<long>(of.rax);
    if (result == restart_always || result == restart_unless_handled || result == restart_unless_signalled)
        of.rax = of.orig_rax;
    else if (result == restart_block)
        of.rax = SYS_restart_syscall;
    else
        return;
    of.rip -= bytes_of_syscall;
}

// Whether the thread may be within a sequence that is restarted when it is interrupted (rseq(2)): taken out of it, it
// would go on in its middle. In a call it is in none.
bool may_be_in_sequence(pid_t thread, const user_regs_struct& of) {
    if (static_cast<long>(of.orig_rax) >= 0) return false;
    __ptrace_rseq_configuration found{};
    if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, thread, sizeof found, &found) < 0 || found.rseq_abi_pointer == 0)
        return false;
    constexpr foreign_address sequence_at = 8;
    std::uint64_t sequence = 0;
    const iovec here{&sequence, sizeof sequence};
    const iovec there{reinterpret_cast<void*>(found.rseq_abi_pointer + sequence_at), sizeof sequence};
    return process_vm_readv(thread, &here, 1, &there, 1, 0) != static_cast<ssize_t>(sizeof sequence) || sequence != 0;
}

// Whether the thread is on the stack that it was started with, and not on one that a coroutine or a signal handler has,
// below which another one's data may begin at once: on the first one of the process, or where its control block is too.
bool is_on_own_stack(const user_regs_struct& of, const std::string& maps) {
    constexpr foreign_address room = 4096;
    std::istringstream lines(maps);
    for (std::string line; std::getline(lines, line);) {
        char* behind = nullptr;
        const foreign_address start = std::strtoull(line.c_str(), &behind, 16);
        const foreign_address end = *behind == '-' ? std::strtoull(behind + 1, nullptr, 16) : 0;
        if (of.rsp < start || of.rsp >= end) continue;
        return line.ends_with("[stack]") || (of.fs_base >= start && of.fs_base < end && of.rsp - start >= room);
    }
    return false;
}

struct wanted_call {
    foreign_address entry;
    reader_call_frame frame;
};

// The thread makes the call next, when it goes on. Room for what it saves is written to as well: where there is none,
// as at a stack's end, another thread has to do. `own` are its registers before.
bool lead_to_call(pid_t thread, const std::string& maps, const wanted_call& call, user_regs_struct& own) {
    if (!get_registers(thread, own) || has_own_mask(own) || may_be_in_sequence(thread, own) ||
        !is_on_own_stack(own, maps))
        return false;
    user_regs_struct registers = own;
    enter_call_again(registers);
    registers.orig_rax = ~0ULL;
    struct {
        std::uint64_t saved[32];
        reader_call_frame frame;
    } made{{}, call.frame};
    made.frame.go_on_at = registers.rip;
    registers.rsp -= bytes_of_red_zone + sizeof made.frame;
    const iovec here{&made, sizeof made};
    const iovec there{reinterpret_cast<void*>(registers.rsp - sizeof made.saved), sizeof made};
    if (process_vm_writev(thread, &here, 1, &there, 1, 0) != static_cast<ssize_t>(sizeof made)) return false;
    registers.rip = call.entry;
    return set_registers(thread, registers);
}

// How the thread stops next; 0 if it ended.
int next_stop(pid_t thread) {
    int status = 0;
    while (waitpid(thread, &status, __WALL) < 0)
        if (errno != EINTR) return 0;
    return WIFSTOPPED(status) ? status : 0;
}

// The thread stands where the kernel looks for signals, as it did when it was stopped first: with the registers of then
// it goes on as if nothing had been, and a signal breaks off the call that it was in and no other. One that comes is
// kept for it.
void take_back(stopped_thread& thread, user_regs_struct own, int status) {
    if (status == 0) return;
    set_registers(thread.id, own);
    if (status >> 16 == 0) thread.signal = WSTOPSIG(status);
    thread.is_in_group_stop = status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP;
}

// From a stop to the next one at a call's entry or exit, or where a child is made; 0 where a signal came first.
int run_to_call(stopped_thread& thread, const user_regs_struct& own) {
    if (ptrace(PTRACE_SYSCALL, thread.id, nullptr, nullptr) != 0) return 0;
    const int status = next_stop(thread.id);
    const int what = status >> 8;
    if (what == call_stop || what == birth_stop) return what;
    take_back(thread, own, status);
    return 0;
}

enum class outcome : std::uint8_t { not_tried, broken_off, came_back, bore };

// The thread makes the call, and stands afterwards as it stood before. With CLONE, `child` is there when it made one.
outcome make_call(stopped_thread& thread, const std::string& maps, const wanted_call& call, pid_t& child) {
    if (thread.signal != 0 || thread.is_in_group_stop) return outcome::not_tried;
    user_regs_struct own{};
    if (!lead_to_call(thread.id, maps, call, own)) return outcome::not_tried;
    ptrace(PTRACE_SETOPTIONS, thread.id, nullptr,
           reinterpret_cast<void*>(std::uintptr_t{PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD}));
    int stop = run_to_call(thread, own);
    if (stop == call_stop) stop = run_to_call(thread, own);
    if (stop == birth_stop) {
        unsigned long number = 0;
        ptrace(PTRACE_GETEVENTMSG, thread.id, nullptr, &number);
        child = static_cast<pid_t>(number);
    }
    if (stop != 0) {
        ptrace(PTRACE_INTERRUPT, thread.id, nullptr, nullptr);
        ptrace(PTRACE_CONT, thread.id, nullptr, nullptr);
        take_back(thread, own, next_stop(thread.id));
    }
    ptrace(PTRACE_SETOPTIONS, thread.id, nullptr, nullptr);
    return stop == 0 ? outcome::broken_off : stop == birth_stop ? outcome::bore : outcome::came_back;
}

std::string why_not_here(pid_t process) {
    const std::string status = read_proc_file(fmt::format("/proc/{}/status", process)).value_or("");
    if (status.find("Seccomp:\t0") == std::string::npos) return "a system call filter is on";
    if (status.find("shstk") != std::string::npos) return "it has shadow stacks";
    return {};
}

// The kernel's choice where memory is short.
void put_first_in_line(pid_t process) {
    if (FILE* const file = std::fopen(fmt::format("/proc/{}/oom_score_adj", process).c_str(), "we")) {
        std::fputs("1000", file);
        std::fclose(file);
    }
}

} // namespace

std::optional<forked_copy> forked_copy::of(stopped_process& patient, const foreign_process& process,
                                           const mapped_library& library, std::string& why_not) {
    why_not = why_not_here(process.id());
    if (!why_not.empty()) return std::nullopt;
    const foreign_address note = process.find_note(library, KRAIT_STATS_NOTE_NAME, reader_call_note_type, 8);
    why_not = "its krait does not offer it";
    if (note == 0) return std::nullopt;
    const foreign_address entry = note + static_cast<foreign_address>(process.read<std::int64_t>(note));
    why_not = "its threads are stopped, wait for signals, or are on stacks of coroutines";
    const std::string maps = process.maps();
    const wanted_call clone{entry, {SYS_clone, {CLONE_FILES, 0, 0}, 0}};
    for (stopped_thread& each : patient.threads_to_use()) {
        pid_t child = 0;
        const outcome came = make_call(each, maps, clone, child);
        if (came == outcome::not_tried) continue;
        why_not = came == outcome::broken_off ? "a signal came meanwhile" : "the kernel refuses";
        if (came == outcome::broken_off) continue;
        if (child == 0) return std::nullopt;
        forked_copy made(process.id(), entry, child);
        if (next_stop(made.child_) >> 16 != PTRACE_EVENT_STOP) return std::nullopt;
        ptrace(PTRACE_SETOPTIONS, made.child_, nullptr, reinterpret_cast<void*>(std::uintptr_t{PTRACE_O_EXITKILL}));
        put_first_in_line(made.child_);
        made.is_apart_ = made.made_caller().leave_files();
        why_not.clear();
        return made;
    }
    return std::nullopt;
}

// The library's code for the process's own call has the instruction that enters the kernel.
called_copy forked_copy::made_caller() const {
    constexpr std::size_t most_of_code = 128;
    constexpr std::array<unsigned char, 2> enter_kernel{0x0f, 0x05};
    std::array<unsigned char, most_of_code> code{};
    foreign_process(child_).read(entry_, code.data(), code.size());
    const auto found = std::search(code.begin(), code.end(), enter_kernel.begin(), enter_kernel.end());
    return {child_, entry_ + static_cast<foreign_address>(found - code.begin())};
}

std::optional<called_copy> forked_copy::caller() const {
    return is_apart_ ? std::optional(made_caller()) : std::nullopt;
}

// What is left of the child is the process's to ask for; one of its threads does: the first one, if it can.
forked_copy::~forked_copy() {
    if (child_ == 0) return;
    kill(child_, SIGKILL);
    while (next_stop(child_) != 0) {
    }
    const wanted_call wait{entry_, {SYS_wait4, {static_cast<std::uint64_t>(child_), 0, __WALL | WNOHANG}, 0}};
    try {
        for (const auto how : {stopped_process::one_thread_is_enough, stopped_process::all_threads}) {
            stopped_process patient(patient_, how);
            const std::string maps = foreign_process(patient_).maps();
            pid_t none = 0;
            for (stopped_thread& each : patient.threads_to_use())
                if (make_call(each, maps, wait, none) == outcome::came_back) return;
        }
    } catch (const failure&) { // it ended, and with it all that was left
    }
}

#else

std::optional<forked_copy> forked_copy::of(stopped_process&, const foreign_process&, const mapped_library&,
                                           std::string& why_not) {
    why_not = "that is only done on x86-64";
    return std::nullopt;
}
std::optional<called_copy> forked_copy::caller() const { return std::nullopt; }
forked_copy::~forked_copy() = default;

#endif

} // namespace krait::tools
