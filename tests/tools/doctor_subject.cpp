// Programs with leaks that are known, one a case: krait doctor, LeakSanitizer and Valgrind are asked what they find
// (tests/tools/doctor.sh, scripts/leaks). Each prints how many blocks it lost and how many it keeps; their sizes tell
// them from all others. Then it waits until its input ends, and leaves without giving anything back; with one more
// argument it ends at once, by returning from main. Without any it prints the cases' names.
//
//   lost   nothing leads to it that the program could use
//   kept   the program can still reach it, by however odd a way
#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <coroutine>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <krait/doctor.h>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr std::size_t lost_bytes = 224, kept_bytes = 304;

std::size_t lost_count = 0, kept_count = 0;

// Leaves no pointer behind on the stack, or in a register that calls need not keep: a system call keeps those too, and
// malloc's last words would be seen in them.
__attribute__((noinline)) void wipe_stack() {
    volatile char room[16384];
    for (volatile char& each : room) each = 0;
#if defined(__x86_64__)
    asm volatile("xor %%ecx, %%ecx\n xor %%edx, %%edx\n xor %%esi, %%esi\n xor %%edi, %%edi\n"
                 "xor %%r8d, %%r8d\n xor %%r9d, %%r9d\n xor %%r10d, %%r10d\n xor %%r11d, %%r11d"
                 :
                 :
                 : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc");
#endif
}

// The compiler takes the pointer for used, and the block for written to and read.
void keep_alive(void* block) { asm volatile("" : : "r"(block) : "memory"); }

void* kept(std::size_t bytes = kept_bytes) {
    ++kept_count;
    void* const block = std::malloc(bytes);
    std::memset(block, 0, bytes);
    keep_alive(block);
    return block;
}
void* lost(std::size_t bytes = lost_bytes) {
    ++lost_count;
    void* const block = std::malloc(bytes);
    std::memset(block, 0, bytes);
    keep_alive(block);
    return block;
}

} // namespace

// Not in a namespace without a name: there the compiler sees that nobody reads them.
struct gives_back {
    void operator()(void* block) const { std::free(block); }
};
using owner = std::unique_ptr<void, gives_back>;

struct chain_link {
    chain_link* next;
    chain_link* other;
};

void* global_pointer;
struct random_block {
    random_block* to[6];
    char rest[352];
};
random_block *first_root, *second_root, *third_root;
void* inside_pointer;
std::uintptr_t tagged_pointer;
std::uintptr_t high_tag_pointer;
chain_link* ends[2];
std::any held_by_any;
union number_or_pointer {
    double number;
    void* pointer;
} in_union;
thread_local void* of_thread;
std::vector<owner> in_vector;
std::vector<void*> in_room;
std::map<int, owner> in_map;
std::unordered_map<int, owner> in_hash_table;
std::list<owner> in_list;
std::function<void*()> in_function;
void** in_mapping;
std::shared_ptr<void> shared;
std::coroutine_handle<> waiting_coroutine;

namespace {

template <std::size_t Bytes>
struct shared_link {
    std::shared_ptr<shared_link> other;
    char rest[Bytes - 32];
};

// Its frame is a block, and holds another one.
struct waiting {
    struct promise_type {
        waiting get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
    std::coroutine_handle<promise_type> handle;
};
waiting wait_with(void* held) {
    co_await std::suspend_always{};
    keep_alive(held);
}

void simple() {
    lost();
    global_pointer = kept();
}
void chain() { // one that leads to nine
    chain_link* first = nullptr;
    for (int i = 0; i < 10; ++i) {
        auto* const made = static_cast<chain_link*>(lost());
        made->next = first;
        first = made;
    }
}
void circle() { // of three
    chain_link* made[3];
    for (chain_link*& each : made) each = static_cast<chain_link*>(lost());
    for (int i = 0; i < 3; ++i) made[i]->next = made[(i + 1) % 3];
}
void inside() { inside_pointer = static_cast<char*>(kept()) + 100; }
void low_tag() { tagged_pointer = reinterpret_cast<std::uintptr_t>(kept()) | 3; }
void high_tag() { high_tag_pointer = reinterpret_cast<std::uintptr_t>(kept()) | std::uintptr_t{0x7ff4} << 48; }
void in_a_union() {
    lost();
    in_union.pointer = kept();
}
void xor_list() { // of five; only the ends are written down, and they alone have their one neighbour as it is
    constexpr int count = 5;
    chain_link* made[count];
    for (chain_link*& each : made) each = static_cast<chain_link*>(kept());
    for (int i = 0; i < count; ++i) {
        const auto before = reinterpret_cast<std::uintptr_t>(i > 0 ? made[i - 1] : nullptr);
        const auto behind = reinterpret_cast<std::uintptr_t>(i < count - 1 ? made[i + 1] : nullptr);
        made[i]->next = reinterpret_cast<chain_link*>(before ^ behind);
    }
    ends[0] = made[0];
    ends[1] = made[count - 1];
}
void mapped_root() {
    in_mapping =
        static_cast<void**>(mmap(nullptr, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    in_mapping[1000] = kept();
    lost();
}
void containers() {
    for (int i = 0; i < 10; ++i) {
        in_vector.emplace_back(kept());
        in_map.emplace(i, kept());
        in_hash_table.emplace(i, kept());
        in_list.emplace_back(kept());
    }
    auto* const never_deleted = new std::vector<void*>;
    never_deleted->reserve(40);
    for (int i = 0; i < 10; ++i) never_deleted->push_back(lost());
}
void past_the_end() { // one past a block's end is where the next one starts
    in_room.reserve(lost_bytes / sizeof(void*));
    for (int i = 0; i < 10; ++i) {
        void* const block = lost();
        if (block == static_cast<void*>(in_room.data() + in_room.capacity())) return;
    }
}
void past_the_room() { // the same of a vector that has something, and room for more
    in_room.reserve(lost_bytes / sizeof(void*));
    in_room.assign(3, nullptr);
    past_the_end();
}
void any() {
    struct holder {
        void* block;
        char rest[64];
    };
    held_by_any = holder{kept(), {}};
    lost();
}
void function() {
    std::array<void*, 4> held{kept(), kept(), kept(), kept()};
    in_function = [held] { return held[0]; };
    lost();
}
void coroutine() {
    waiting_coroutine = wait_with(kept()).handle;
    wait_with(lost());
}
void shared_circle() {
    auto first = std::make_shared<shared_link<lost_bytes>>(), second = std::make_shared<shared_link<lost_bytes>>();
    lost_count += 2;
    first->other = second;
    second->other = first;
    shared = std::make_shared<shared_link<kept_bytes>>();
    ++kept_count;
}
void thread_local_storage() {
    of_thread = kept();
    std::thread ends_at_once([] { of_thread = lost(); });
    ends_at_once.join();
}

std::atomic<bool> stands{false};
void thread_stack() {
    std::thread([] {
        void* volatile own = kept();
        lost();
        wipe_stack();
        stands = true;
        for (;;) pause();
        keep_alive(own);
    }).detach();
    while (!stands) usleep(1000);
}
// The pointer is in a callee-saved register of a thread that runs without end.
void in_a_register() {
#if defined(__x86_64__)
    std::thread([] {
        void* const own = kept();
        wipe_stack();
        stands = true;
        asm volatile("mov %0, %%r15\n xor %0, %0\n 1: pause\n jmp 1b" : : "r"(own) : "r15");
    }).detach();
    while (!stands) usleep(1000);
#endif
    lost();
}
// Only the kernel knows it: epoll_wait(2) hands it out again.
void in_epoll() {
    const int queue = epoll_create1(0), event = eventfd(0, 0);
    epoll_event of{};
    of.events = EPOLLIN;
    of.data.ptr = kept();
    epoll_ctl(queue, EPOLL_CTL_ADD, event, &of);
    lost();
}
void freed() { // by other threads too: caches of all kinds have them
    std::vector<void*> blocks;
    for (int i = 0; i < 2000; ++i) blocks.push_back(std::malloc(i % 2 == 0 ? kept_bytes : lost_bytes));
    std::thread other([&] {
        for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
    });
    other.join();
    for (std::size_t i = 1; i < blocks.size(); i += 2) std::free(blocks[i]);
    std::fill(blocks.begin(), blocks.end(), nullptr);
    lost();
}
void stream() { // what lies in a stream's buffer is no pointer, whatever was there before
    constexpr std::size_t room = 4096;
    auto* const buffer = static_cast<char*>(std::calloc(1, room));
    void* const block = lost();
    std::memcpy(buffer + room / 2, &block, sizeof block);
    setvbuf(stdout, buffer, _IOFBF, room);
}
void large() { // glibc's blocks, or those of krait's runs
    for (const std::size_t bytes : {600U, 2000U, 20'000U, 100'000U, 300'000U}) {
        std::free(std::malloc(bytes));
        lost(bytes);
    }
    global_pointer = kept(300'000);
}

void grown() { // one of krait's own large blocks, larger than its class where realloc had room behind it
    void* const block = std::realloc(std::malloc(17'000), 50'000);
    std::memset(block, 0, 50'000);
    *(static_cast<void**>(block) + 50'000 / sizeof(void*) - 1) = kept();
    global_pointer = block;
    lost();
}

std::atomic<int> broken_off{0};
void waiting_calls() { // that a stop breaks off: the program must not see it
    std::thread([] {
        const int queue = epoll_create1(0);
        epoll_event none;
        for (;;)
            if (epoll_wait(queue, &none, 1, -1) < 0) ++broken_off;
    }).detach();
    std::thread([] {
        for (;;)
            if (poll(nullptr, 0, 100'000) != 0) ++broken_off;
    }).detach();
    std::thread([] { // a socket with a time limit
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) _exit(1);
        const timeval limit{1000, 0};
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        char byte;
        for (;;)
            if (recv(ends[0], &byte, 1, 0) < 0) ++broken_off;
    })
        .detach();
    std::thread([] {
        sigset_t none;
        sigemptyset(&none);
        const timespec limit{1000, 0};
        for (;;)
            if (sigtimedwait(&none, nullptr, &limit) < 0) ++broken_off;
    }).detach();
    usleep(20'000);
}

// Its signal ends it, also where it comes while somebody looks.
void paused() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGUSR1, &action, nullptr); // without SA_RESTART
}

// Runs on a stack that ends at once, below which another one's data are, until the input ends.
void on_a_small_stack() {
#if defined(__x86_64__)
    alignas(16) static unsigned char room[8192];
    constexpr std::size_t above = 4096;
    static std::atomic<std::uint8_t> input_ended{0};
    std::memset(room, 0x5a, above);
    std::thread([] {
        char byte;
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
        input_ended = 1;
    }).detach();
    asm volatile("mov %%rsp, %%r12\n mov %0, %%rsp\n 1: pause\n cmpb $0, (%1)\n je 1b\n mov %%r12, %%rsp"
                 :
                 : "r"(room + above), "r"(&input_ended)
                 : "r12", "memory", "cc");
    std::size_t overwritten = 0;
    for (std::size_t i = 0; i < above; ++i) overwritten += room[i] != 0x5a;
    std::printf("overwritten %zu\n", overwritten);
#else
    std::puts("overwritten 0");
#endif
}
void small_stack() {}

// Blocks that lead to each other at random, from a few variables: circles, ways in from many sides, and some that
// nothing leads to. What leads where is printed, for who wants to say who holds whom.
void random_graph() {
    constexpr std::size_t count = 160;
    static std::array<std::uintptr_t, count> hidden; // changed, so that they hold nothing
    std::uint64_t state = 88172645463325252U;
    const auto below = [&state](std::size_t limit) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        return static_cast<std::size_t>(state % limit);
    };
    const auto block = [](std::size_t i) { return reinterpret_cast<random_block*>(~hidden[i]); };
    for (std::uintptr_t& each : hidden) each = ~reinterpret_cast<std::uintptr_t>(std::calloc(1, sizeof(random_block)));
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t edge = 0, edges = 1 + below(3); edge < edges; ++edge) {
            // Near ones, so that there are long ways, and now and then a far one.
            const std::size_t to = below(8) == 0 ? below(count) : std::min(i + below(24), count - 1);
            block(i)->to[edge] = block(to);
            std::printf("edge %p %p\n", static_cast<void*>(block(i)), static_cast<void*>(block(to)));
        }
    first_root = block(0), second_root = block(1), third_root = block(count / 2);
    std::printf("root first_root %p\nroot second_root %p\nroot third_root %p\n", static_cast<void*>(first_root),
                static_cast<void*>(second_root), static_cast<void*>(third_root));
    std::fflush(stdout);
}

// Asks for itself what is lost.
void itself() {
    global_pointer = kept();
    lost();
    wipe_stack();
    std::fflush(stdout);
    const int answer = krait_doctor(STDOUT_FILENO);
    std::printf("krait_doctor: %s\n", answer < 0 ? std::strerror(errno) : std::to_string(answer).c_str());
    std::fflush(stdout);
}

struct named_case {
    std::string_view name;
    void (*run)();
};
constexpr named_case cases[] = {{"simple", simple},
                                {"chain", chain},
                                {"circle", circle},
                                {"inside", inside},
                                {"low_tag", low_tag},
                                {"high_tag", high_tag},
                                {"union", in_a_union},
                                {"xor_list", xor_list},
                                {"mapped_root", mapped_root},
                                {"containers", containers},
                                {"past_the_end", past_the_end},
                                {"past_the_room", past_the_room},
                                {"any", any},
                                {"function", function},
                                {"coroutine", coroutine},
                                {"shared_circle", shared_circle},
                                {"tls", thread_local_storage},
                                {"thread_stack", thread_stack},
                                {"register", in_a_register},
                                {"epoll", in_epoll},
                                {"freed", freed},
                                {"stream", stream},
                                {"large", large},
                                {"grown", grown},
                                {"waiting_calls", waiting_calls},
                                {"paused", paused},
                                {"small_stack", small_stack},
                                {"random_graph", random_graph},
                                {"itself", itself}};

// Of a depth of its own: what a case leaves behind on the stack is wiped.
__attribute__((noinline)) void run(void (*what)()) {
    char room[4096];
    keep_alive(room);
    what();
    keep_alive(room);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        for (const named_case& each : cases) std::puts(each.name.data());
        return 0;
    }
    for (const named_case& each : cases) {
        if (each.name != argv[1]) continue;
        void (*const what_runs)() = each.run;
        run(what_runs);
        wipe_stack();
        char text[64];
        const int size = std::snprintf(text, sizeof text, "lost %zu kept %zu\n", lost_count, kept_count);
        if (write(STDOUT_FILENO, text, static_cast<std::size_t>(size)) != size) return 1;
        if (argc > 2) return 0; // LeakSanitizer and Valgrind look at the end
        if (what_runs == paused && pause() != 0 && write(STDOUT_FILENO, "ended\n", 6) != 6) return 1;
        if (what_runs == small_stack) on_a_small_stack();
        char byte;
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
        if (what_runs == waiting_calls) std::printf("broken off %d\n", broken_off.load());
        std::fflush(stdout);
        _exit(0);
    }
    return 2;
}
