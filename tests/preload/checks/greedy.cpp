// Takes memory in blocks of one size and writes to it until there is no more or MEBIBYTES are reached, frees it, and takes some
// again. Prints "MEBIBYTES-TAKEN REFUSED MEBIBYTES-TAKEN-AGAIN".
//   greedy BLOCK-SIZE MEBIBYTES malloc|calloc|realloc|memalign|threads|without-first-thread
#include "../../support/hazard.hpp"
#include <barrier>
#include <cstring>
#include <pthread.h>
#include <string_view>
#include <thread>
#include <vector>

namespace {

struct taken {
    taken* next;
};

struct outcome {
    std::size_t bytes = 0;
    bool refused = false;
};

void* one(std::string_view how, std::size_t size) {
    if (how == "calloc") return std::calloc(1, size);
    if (how == "memalign") return std::aligned_alloc(64, (size + 63) / 64 * 64);
    if (how == "realloc") return std::realloc(std::malloc(16), size);
    return std::malloc(size);
}

// `taken_all` is called when no more is wanted or can be had.
template <class Meeting>
outcome take_and_free(std::string_view how, std::size_t size, std::size_t most, Meeting taken_all) {
    outcome result;
    taken* list = nullptr;
    while (result.bytes < most) {
        errno = 0;
        auto* block = static_cast<taken*>(one(how, size));
        if (block == nullptr) {
            CHECK(errno == ENOMEM);
            result.refused = true;
            break;
        }
        std::memset(static_cast<void*>(block), 1, size);
        block->next = list;
        list = block;
        result.bytes += size;
    }
    taken_all();
    while (list != nullptr) {
        taken* next = list->next;
        std::free(list);
        list = next;
    }
    return result;
}

void run(char** argv) {
    const std::size_t size = std::strtoul(argv[1], nullptr, 10), most = std::strtoul(argv[2], nullptr, 10) << 20;
    const std::string_view how = argv[3];
    outcome first;
    if (how == "threads") {
        outcome each[4];
        std::barrier all_taken(4);
        const auto wait = [&] { all_taken.arrive_and_wait(); };
        std::vector<std::thread> threads;
        for (outcome& mine : each)
            threads.emplace_back([&, size, most] { mine = take_and_free("malloc", size, most / 4, wait); });
        for (auto& thread : threads) thread.join();
        for (const outcome& mine : each) {
            first.refused = first.refused || mine.refused;
            first.bytes += mine.bytes;
        }
    } else {
        first = take_and_free(how, size, most, [] {});
    }
    const outcome again = take_and_free("malloc", size, most / 4, [] {});
    std::printf("%zu %d %zu\n", first.bytes >> 20, first.refused, again.bytes >> 20);
}

// Goes on in another thread once the first one, whose files in /proc the kernel empties then, has left.
void leave_first_thread(char** argv) {
    pthread_t other;
    const auto body = [](void* arguments) -> void* {
        for (char sizes[128] = "?"; std::strncmp(sizes, "0 ", 2) != 0; usleep(1000))
            hazard::read_start("/proc/self/statm", sizes);
        run(static_cast<char**>(arguments));
        std::exit(0);
    };
    CHECK(pthread_create(&other, nullptr, body, argv) == 0);
    pthread_exit(nullptr);
}

} // namespace

int main(int argc, char** argv) {
    CHECK(argc == 4);
    if (std::string_view(argv[3]) == "without-first-thread") leave_first_thread(argv);
    run(argv);
}
