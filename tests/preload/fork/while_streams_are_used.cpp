// fork waits for locks of libc's streams, whose holders ask for memory: threads read long lines and flush all streams
// while others fork, and everybody comes to an end.
#include "../../support/hazard.hpp"
#include <array>
#include <atomic>
#include <stdio.h>
#include <sys/wait.h>
#include <thread>

namespace {

std::atomic<bool> is_over{false};

void fork_many() {
    while (!is_over) {
        const pid_t child = fork();
        if (child == 0) _exit(17);
        int status = -1;
        CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 17);
    }
}

void read_lines(FILE* file) {
    std::array<void*, 64> small{};
    std::size_t next = 0;
    while (!is_over) {
        std::rewind(file);
        char* line = nullptr;
        std::size_t size = 0;
        CHECK(getline(&line, &size, file) > 0);
        std::free(line);
        for (int i = 0; i < 200; ++i) { // no cache has so many
            void*& each = small[next++ % small.size()];
            std::free(each);
            each = std::malloc(next * 7 % 600);
        }
    }
    for (void* each : small) std::free(each);
}

void flush() {
    while (!is_over) CHECK(fflush(nullptr) == 0);
}

FILE* long_line() {
    FILE* const file = tmpfile();
    CHECK(file);
    for (int i = 0; i < 50'000; ++i) fputc('x', file);
    fputc('\n', file);
    CHECK(fflush(file) == 0);
    return file;
}

} // namespace

int main() {
    std::array<FILE*, 4> files;
    for (FILE*& each : files) each = long_line();
    std::array<std::thread, 7> threads;
    std::size_t count = 0;
    for (FILE* each : files) threads[count++] = std::thread(read_lines, each);
    threads[count++] = std::thread(flush);
    threads[count++] = std::thread(fork_many);
    threads[count++] = std::thread(fork_many);
    sleep(2);
    is_over = true;
    for (std::thread& each : threads) each.join();
    for (FILE* each : files) fclose(each);
}
