// Programs of which a trace is taken, one for each word on the command line. What they do is the same in every run.
#include "../../support/hazard.hpp"

#include <krait/trace.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <functional>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

void* volatile kept;

void family() {
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < 3000; ++i) {
        blocks.push_back(std::malloc(i % 700));
        blocks.push_back(std::calloc(i % 11, i % 90 + 1));
        blocks.push_back(std::realloc(nullptr, i % 400 + 1));
        blocks.push_back(std::aligned_alloc(64, i % 300));
        void* aligned = nullptr;
        if (posix_memalign(&aligned, 128, i) == 0) blocks.push_back(aligned);
        void*& some = blocks[i * 7 % blocks.size()];
        if (some != nullptr) {
            if (void* const moved = std::realloc(some, i * 31 % 9000 + 1)) some = moved;
        }
        if (i % 3 == 0) {
            void*& other = blocks[i * 5 % blocks.size()];
            std::free(other);
            other = nullptr;
        }
        if (i % 17 == 0) {
            void*& third = blocks[i * 3 % blocks.size()];
            if (third != nullptr) third = std::realloc(third, 0);
        }
        if (void* const refused = std::realloc(blocks[0], SIZE_MAX / 2)) std::abort(); // fails: the block stays
    }
    for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
    struct alignas(64) wide {
        char bytes[64];
    };
    for (int i = 0; i < 100; ++i) {
        delete new int;
        delete[] new long[20];
        delete new wide;
        auto* const none = new (std::nothrow) char[100];
        delete[] none;
        kept = new std::string(100, 'k');
    }
}

void threads() {
    std::mutex m;
    std::condition_variable ready;
    std::vector<std::string*> queue; // grows never: what it asks for is the same in every run
    queue.reserve(90000);
    std::size_t taken = 0;
    bool is_done = false;
    std::vector<std::thread> all;
    for (int t = 0; t < 3; ++t) {
        all.emplace_back([&] {
            for (;;) {
                std::unique_lock lock(m);
                ready.wait(lock, [&] { return is_done || taken != queue.size(); });
                if (taken == queue.size()) return;
                std::string* const got = queue[taken++];
                lock.unlock();
                delete got;
                std::map<int, std::string> some;
                for (int i = 0; i < 8; ++i) some[i] = std::string(static_cast<std::size_t>(i) * 5, 'x');
            }
        });
    }
    std::vector<std::thread> producers;
    for (int t = 0; t < 3; ++t) {
        producers.emplace_back([&] {
            for (std::size_t i = 0; i < 30000; ++i) {
                auto* const made = new std::string(i % 900, 'p');
                void* const large = std::realloc(std::malloc(i % 600), i % 5000 + 1);
                std::free(large);
                const std::lock_guard lock(m);
                queue.push_back(made);
                ready.notify_one();
            }
        });
    }
    for (auto& each : producers) each.join();
    {
        const std::lock_guard lock(m);
        is_done = true;
    }
    ready.notify_all();
    for (auto& each : all) each.join();
}

void forks() {
    for (int i = 0; i < 1000; ++i) kept = std::malloc(100);
    for (int child = 0; child < 3; ++child) {
        if (fork() == 0) {
            for (int i = 0; i < 500 + child; ++i) std::free(std::malloc(64));
            kept = std::malloc(1000);
            std::exit(0);
        }
    }
    while (wait(nullptr) > 0) {
    }
    for (int i = 0; i < 1000; ++i) kept = std::malloc(200);
}

void many_blocks(int count) {
    for (int i = 0; i < count; ++i) kept = std::malloc(32);
}

void wait_for(pid_t child) {
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) std::abort();
}

// libc's list of streams must be free in a child, whichever thread uses it, and in the child's children.
void use_streams(int generations) {
    hazard::fail_if_hung();
    std::thread([] {
        if (FILE* const file = std::fopen("/dev/null", "w")) std::fclose(file);
    }).join();
    if (generations == 0) return;
    const pid_t child = fork();
    if (child != 0) return wait_for(child);
    use_streams(generations - 1);
    std::exit(0);
}

// The first fork is by the only thread that there ever was.
void forks_with_streams() {
    const pid_t child = fork();
    if (child != 0) return wait_for(child);
    use_streams(2);
    std::exit(0);
}

// A daemon's start: all descriptors are closed, their numbers go to a file of its own, and a filter of system calls ends
// it. Prints how long that file is at last. `moved`: a file that gets another name meanwhile.
void daemon_with_filter(const char* path, const std::string& moved) {
    if (!moved.empty() && std::rename(moved.c_str(), (moved + ".moved").c_str()) != 0) std::abort();
    if (close_range(3, ~0u, 0) != 0) std::exit(77);
    const int database = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int descriptor = 190; descriptor < 210; ++descriptor) {
        if (dup2(database, descriptor) != descriptor) std::abort();
    }
    sock_filter allows_all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_fprog filter{1, &allows_all};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        std::exit(77);
    many_blocks(100'000);
    std::printf("%ld\n", static_cast<long>(lseek(database, 0, SEEK_END)));
}

void plugin(const char* path) {
    for (int i = 0; i < 20; ++i) {
        void* const library = dlopen(path, RTLD_NOW);
        if (library == nullptr) std::abort();
        auto* const make = reinterpret_cast<void* (*)(std::size_t)>(dlsym(library, "plugin_make"));
        if (make == nullptr) std::abort();
        for (int k = 0; k < 100; ++k) kept = make(48);
        dlclose(library);
    }
}

std::atomic<unsigned long> handled{0};

void on_alarm(int) {
    void* const block = std::malloc(24);
    std::free(block);
    ++handled;
}

// Prints how many blocks the handlers made: 24 bytes each, which nothing else here asks for.
void signals() {
    struct sigaction action {};
    action.sa_handler = on_alarm;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, nullptr);
    const itimerval often{{0, 200}, {0, 200}};
    setitimer(ITIMER_REAL, &often, nullptr);
    for (int i = 0; handled.load() < 2000; ++i) {
        void* block = std::malloc(static_cast<std::size_t>(100 + i % 400));
        block = std::realloc(block, static_cast<std::size_t>(500 + i % 400));
        std::free(block);
    }
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    std::printf("%lu\n", handled.load());
}

// A child of _Fork has a copy of all that the recorder knows, and the file open. It asks for 778 bytes, which nothing
// else here does, and ends as a program that returns from main.
void bare_fork() {
    for (int i = 0; i < 1000; ++i) kept = std::malloc(777);
    const pid_t child = _Fork();
    if (child == 0) {
        for (int i = 0; i < 100'000; ++i) kept = std::malloc(778);
        std::exit(0);
    }
    int status = -1;
    if (waitpid(child, &status, 0) != child || status != 0) std::abort();
    for (int i = 0; i < 1000; ++i) kept = std::malloc(777);
}

// Children of _Fork that end at once, or become another program, while threads record.
void bare_forks_beside_threads() {
    std::atomic<bool> is_over{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            while (!is_over) {
                for (int i = 0; i < 10'000; ++i) std::free(std::malloc(static_cast<std::size_t>(100 + i % 300)));
            }
        });
    for (int i = 0; i < 300; ++i) {
        const pid_t child = _Fork();
        if (child == 0) {
            if (i % 2 == 0) _exit(0);
            execl("/bin/true", "true", nullptr);
            _exit(1);
        }
        int status = -1;
        if (waitpid(child, &status, 0) != child || status != 0) std::abort();
    }
    is_over = true;
    for (std::thread& each : threads) each.join();
}

void threads_in_a_row(int count) {
    for (int i = 0; i < count; ++i) {
        std::thread([] {
            for (int k = 0; k < 50; ++k) std::free(std::malloc(80));
        }).join();
    }
}

void threads_at_once(int count) {
    std::mutex m;
    std::condition_variable all_are_there;
    int there = 0;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    const std::function<void()> body = [&] {
        for (int k = 0; k < 50; ++k) std::free(std::malloc(80));
        std::unique_lock lock(m);
        if (++there == count) all_are_there.notify_all();
        all_are_there.wait(lock, [&] { return there >= count; });
    };
    std::vector<pthread_t> all(static_cast<std::size_t>(count));
    for (auto& each : all) {
        const auto run = [](void* f) -> void* { return (*static_cast<const std::function<void()>*>(f))(), nullptr; };
        if (pthread_create(&each, &small, run, const_cast<std::function<void()>*>(&body)) != 0) std::exit(77);
    }
    for (const auto each : all) pthread_join(each, nullptr);
}

[[gnu::noinline]] int thrower(int depth) {
    const std::string held(static_cast<std::size_t>(40 + depth), 'h');
    if (depth == 0) throw std::runtime_error(held);
    return thrower(depth - 1) + static_cast<int>(held.size());
}

void exceptions() {
    int caught = 0;
    for (int i = 0; i < 2000; ++i) {
        try {
            thrower(i % 30);
        } catch (const std::runtime_error&) {
            ++caught;
        }
    }
    std::printf("%d\n", caught);
}

// A stack as libgcc sees it, one address a line, innermost first; then a block of `size` from the same function.
[[gnu::noinline]] void show_stack(std::size_t size) {
    void* frames[64];
    const int count = backtrace(frames, 64);
    for (int i = 0; i < count; ++i) std::printf("%zu %p\n", size, frames[i]);
    kept = std::malloc(size);
}

[[gnu::noinline]] void with_aligned_frame(std::size_t size) {
    alignas(64) volatile char wide[128];
    wide[0] = 1;
    show_stack(size);
    if (wide[0] != 1) std::abort();
}

[[gnu::noinline]] void with_variable_frame(std::size_t size, int n) {
    auto* const some = static_cast<volatile char*>(__builtin_alloca(static_cast<std::size_t>(n)));
    some[0] = 1;
    show_stack(size);
    some[n - 1] = 2;
}

void on_signal(int) { show_stack(12347); }

void stacks() {
    void* warm[4];
    backtrace(warm, 4); // loads libgcc
    show_stack(12341);
    with_aligned_frame(12342);
    with_variable_frame(12343, 1000);
    const std::function<void(int)> deep = [&](int n) {
        if (n == 0) return show_stack(12344);
        deep(n - 1);
    };
    deep(5);
    int numbers[] = {3, 1, 2};
    static bool is_shown = false;
    std::qsort(numbers, 3, sizeof *numbers, [](const void* a, const void* b) {
        if (!is_shown) {
            is_shown = true;
            show_stack(12345);
        }
        return *static_cast<const int*>(a) - *static_cast<const int*>(b);
    });
    std::thread([] { with_aligned_frame(12346); }).join();
    std::signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    // The same stack twice, and from another place: the memo of the last walk must not be taken for it.
    for (int i = 0; i < 3; ++i) with_variable_frame(12348 + static_cast<std::size_t>(i), 16);
    with_aligned_frame(12351);
}

void mappings() {
    void* const first = mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void* const second = mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(first, 65536);
    kept = second;
}

// Sizes of many kinds; prints the bytes that were asked for, and those that are live at the end.
void sampled() {
    std::vector<void*> live;
    std::uint64_t state = 88172645463325252, bytes = 0, live_bytes = 0;
    for (int i = 0; i < 20000; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const std::size_t size = state % 10 == 0 ? state / 16 % 30000 + 1 : state / 16 % 200 + 1;
        void* const block = std::malloc(size);
        bytes += size;
        if (state / 1024 % 4 == 0) {
            live.push_back(block);
            live_bytes += size;
        } else {
            std::free(block);
        }
    }
    kept = live.data();
    std::printf("%lu %lu\n", static_cast<unsigned long>(bytes), static_cast<unsigned long>(live_bytes));
    std::fflush(stdout);
    new std::vector<void*>(std::move(live)); // stays
}

// Live blocks for a reader outside, until standard input ends; other threads go on meanwhile.
void waits(bool asks_for_tracing) {
    if (asks_for_tracing && krait_trace_start(16) != 0) std::abort();
    for (int i = 0; i < 2000; ++i) kept = std::malloc(4321);
    std::atomic<bool> is_done{false};
    std::thread busy([&] {
        while (!is_done.load()) std::free(std::malloc(100));
    });
    std::printf("ready\n");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    is_done.store(true);
    busy.join();
}

} // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const int number = argc > 2 ? std::atoi(argv[2]) : 0;
    if (what == "family") family();
    if (what == "threads") threads();
    if (what == "forks") forks();
    if (what == "forks_with_streams") forks_with_streams();
    if (what == "daemon") daemon_with_filter(argv[2], argc > 3 ? argv[3] : "");
    if (what == "killed") many_blocks(number), std::raise(SIGKILL);
    if (what == "ends_at_once") many_blocks(number), _exit(3);
    if (what == "execs") {
        many_blocks(number);
        char next[] = "family";
        char* const arguments[] = {argv[0], next, nullptr};
        execv(argv[0], arguments);
    }
    if (what == "blocks") many_blocks(number);
    if (what == "plugin") plugin(argv[2]);
    if (what == "signals") signals();
    if (what == "bare_fork") bare_fork();
    if (what == "bare_forks_beside_threads") bare_forks_beside_threads();
    if (what == "threads_in_a_row") threads_in_a_row(number);
    if (what == "threads_at_once") threads_at_once(number);
    if (what == "exceptions") exceptions();
    if (what == "stacks") stacks();
    if (what == "mappings") mappings();
    if (what == "sampled") sampled();
    if (what == "waits") waits(number != 0);
}
