// A program that is ended within free, for a mistake of its own, may say where: handlers of SIGABRT and SIGSEGV that take
// a backtrace for the first time (which loads a library), ask for its symbols and allocate must not find a lock held.
#include "../../support/hazard.hpp"
#include <csignal>
#include <execinfo.h>
#include <sys/wait.h>

namespace {

void tell_where(int) {
    void* frames[64];
    const int count = backtrace(frames, 64);
    char** const symbols = backtrace_symbols(frames, count);
    bool is_well = count > 2 && symbols != nullptr;
    std::free(symbols);
    for (const std::size_t size : {10UL, 500UL, 5'000UL, 200'000UL}) {
        void* const block = std::malloc(size);
        is_well = is_well && block != nullptr;
        if (block != nullptr) hazard::fill(block, size, size);
        is_well = is_well && hazard::filled(block, size, size);
        std::free(block);
    }
    _exit(is_well ? 0 : 1);
}

void free_twice(std::size_t size) {
    void* const block = std::malloc(size);
    void* const beside = std::malloc(size); // the block does not lie at the heap's end
    CHECK(block != nullptr && beside != nullptr);
    std::free(block);
    std::free(hazard::opaque(block));
}

void free_nowhere(std::size_t address) { std::free(reinterpret_cast<void*>(hazard::opaque(address))); }

// The mistake ends a child, whose handler says how.
void in_child(void (*mistake)(std::size_t), std::size_t with) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        hazard::fail_if_hung();
        std::fclose(stderr); // what is said of the mistake is not what is asked
        close(STDERR_FILENO);
        std::signal(SIGABRT, tell_where);
        std::signal(SIGSEGV, tell_where);
        mistake(with);
        _exit(2); // nobody noticed
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

} // namespace

int main() {
    in_child(free_twice, 64);
    in_child(free_twice, 5'000);
    in_child(free_twice, 200'000); // a mapping of its own: SIGSEGV in the system allocator
    in_child(free_nowhere, 0x1230);
    in_child(free_nowhere, 0x7000123450);
    return 0;
}
