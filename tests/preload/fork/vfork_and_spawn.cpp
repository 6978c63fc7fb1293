// vfork with exec, posix_spawn, system and popen from a process whose threads allocate.
#include "../../support/hazard.hpp"
#include <atomic>
#include <cstring>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>

namespace {

std::atomic<bool> done{false};

void wait_for(pid_t pid, int expected) {
    int status = -1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == expected);
}

void vfork_and_exec() {
    const pid_t pid = vfork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", "exit 3", nullptr);
        _exit(127);
    }
    wait_for(pid, 3);
}

void spawn() {
    char shell[] = "sh", option[] = "-c", script[] = "exit 4";
    char* arguments[] = {shell, option, script, nullptr};
    pid_t pid = -1;
    CHECK(posix_spawn(&pid, "/bin/sh", nullptr, nullptr, arguments, environ) == 0);
    wait_for(pid, 4);
}

void shell_out() {
    CHECK(WEXITSTATUS(std::system("exit 5")) == 5);
    FILE* pipe = popen("echo through a pipe", "r");
    CHECK(pipe);
    char line[64] = {};
    CHECK(std::fgets(line, sizeof line, pipe));
    CHECK(std::strcmp(line, "through a pipe\n") == 0);
    CHECK(pclose(pipe) == 0);
}

} // namespace

int main() {
    std::thread allocating[2];
    for (std::size_t i = 0; i < 2; ++i)
        allocating[i] = std::thread([i] {
            hazard::churn<> blocks(i);
            while (!done) blocks.step();
        });
    for (int round = 0; round < 40; ++round) {
        vfork_and_exec();
        spawn();
        shell_out();
    }
    done = true;
    for (std::thread& thread : allocating) thread.join();
}
