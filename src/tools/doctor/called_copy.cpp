#include "doctor/called_copy.hpp"

#include "doctor/address_map.hpp"
#include "doctor/ptrace_registers.hpp"

#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#include <cerrno>
#include <chrono>
#include <csignal>

namespace krait::tools {

#if defined(__x86_64__)

namespace {

constexpr auto longest_wait = std::chrono::seconds(60); // on a busy machine, for the longest answer
constexpr std::size_t stack_bytes = std::size_t{8} << 20;

} // namespace

// How it stopped; 0 where it ended, or has not stopped in time.
int called_copy::stop_of_copy() {
    const auto until = std::chrono::steady_clock::now() + longest_wait;
    while (std::chrono::steady_clock::now() < until) {
        int status = 0;
        const pid_t changed = waitpid(copy_, &status, __WALL | WNOHANG);
        has_ended_ = changed == copy_ ? !WIFSTOPPED(status) : changed < 0 && errno != EINTR;
        if (has_ended_) return 0;
        if (changed == copy_) return status;
        const timespec pause{0, 50'000};
        nanosleep(&pause, nullptr);
    }
    return 0;
}

// What the call returns; an error where it could not be made.
std::uint64_t called_copy::enter_kernel(std::uint64_t number, const std::array<std::uint64_t, 6>& arguments) {
    constexpr std::uint64_t failed = ~std::uint64_t{0};
    user_regs_struct own{};
    if (is_given_up_ || !get_registers(copy_, own)) return failed;
    user_regs_struct call = own;
    call.rip = system_call_;
    call.orig_rax = ~0ULL; // nothing to be entered again
    call.rax = number;
    call.rdi = arguments[0];
    call.rsi = arguments[1];
    call.rdx = arguments[2];
    call.r10 = arguments[3];
    call.r8 = arguments[4];
    call.r9 = arguments[5];
    if (!set_registers(copy_, call)) return failed;
    for (int stop = 0; stop < 2; ++stop) { // at its entry, and when it is done
        if (ptrace(PTRACE_SYSCALL, copy_, nullptr, nullptr) != 0) return failed;
        if (const int status = stop_of_copy(); status == 0 || (WSTOPSIG(status) & ~0x80) != SIGTRAP) return failed;
    }
    const bool is_done = get_registers(copy_, call);
    set_registers(copy_, own);
    return is_done ? call.rax : failed;
}

foreign_address called_copy::map(std::size_t bytes) {
    const std::uint64_t got =
        enter_kernel(SYS_mmap, {0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                ~std::uint64_t{0}, 0});
    constexpr foreign_address least_error = ~foreign_address{4095};
    return got < least_error ? got : 0;
}

bool called_copy::leave_files() {
    const foreign_address text = map(sizeof "/");
    if (text != 0 && write(text, "/", sizeof "/")) enter_kernel(SYS_chdir, {text});
    constexpr std::uint64_t all = ~0U;
    const rlimit none{0, 0};
    return enter_kernel(SYS_close_range, {0, all, CLOSE_RANGE_UNSHARE}) == 0 &&
           prlimit(copy_, RLIMIT_NOFILE, &none, nullptr) == 0;
}

// Before the first call: a stack, and no way to write to memory that is not the copy's alone.
bool called_copy::prepare() {
    if (stack_ != 0) return true;
    const address_map map_of_copy{foreign_process(copy_)};
    for (const mapping& each : map_of_copy.all())
        if (each.is_shared && each.is_writable &&
            enter_kernel(SYS_mprotect, {each.start, each.bytes(), PROT_READ}) != 0)
            return false;
    const foreign_address low = map(stack_bytes);
    if (low != 0) stack_ = low + stack_bytes;
    return low != 0;
}

bool called_copy::write(foreign_address to, const void* from, std::size_t bytes) const {
    const iovec here{const_cast<void*>(from), bytes};
    const iovec there{reinterpret_cast<void*>(to), bytes};
    return process_vm_writev(copy_, &here, 1, &there, 1, 0) == static_cast<ssize_t>(bytes);
}

bool called_copy::call(foreign_address function, foreign_address argument, foreign_address thread_pointer) {
    user_regs_struct own{};
    if (is_given_up_ || !prepare() || !get_registers(copy_, own)) return false;
    user_regs_struct registers = own;
    // A function finds the address to return to at its stack's end; there are zeros.
    constexpr foreign_address alignment = 16;
    registers.rsp = stack_ - 2 * alignment - sizeof(foreign_address);
    registers.rip = function;
    registers.rdi = argument;
    registers.orig_rax = ~0ULL;
    registers.fs_base = thread_pointer;
    constexpr std::uint64_t direction_flag = 1U << 10;
    registers.eflags &= ~direction_flag;
    if (!set_registers(copy_, registers) || ptrace(PTRACE_CONT, copy_, nullptr, nullptr) != 0) return false;
    const int status = stop_of_copy();
    const bool has_stopped = status != 0 && get_registers(copy_, registers);
    is_given_up_ = !has_stopped;
    if (!has_stopped) return false;
    set_registers(copy_, own);
    return WSTOPSIG(status) == SIGSEGV && registers.rip == 0;
}

#else

std::uint64_t called_copy::enter_kernel(std::uint64_t, const std::array<std::uint64_t, 6>&) {
    return ~std::uint64_t{0};
}
foreign_address called_copy::map(std::size_t) { return 0; }
bool called_copy::leave_files() { return false; }
bool called_copy::write(foreign_address, const void*, std::size_t) const { return false; }
bool called_copy::call(foreign_address, foreign_address, foreign_address) { return false; }

#endif

} // namespace krait::tools
