// A program whose first thread leaves by pthread_exit: the process goes on without it, and the kernel shows its files in /proc
// empty. It ends with its input.
#include <pthread.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

int main() {
    std::thread([] {
        std::vector<void*> held;
        for (unsigned i = 0; i < 10'000; ++i) held.push_back(std::malloc(100));
        char byte;
        if (write(STDOUT_FILENO, "held\n", 5) != 5) std::abort();
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
    }).detach();
    pthread_exit(nullptr);
}
