// What libkrait_hard.so promises beyond what misuse ends in (tests/misuse): that an overrun which goes on faults before
// it reaches anything else, that nothing of a freed block's contents or of addresses is left to read, that what comes
// next cannot be told, in a forked child neither; and that large freed blocks and their addresses stay gone. Then what
// a correct program may do: grow what is aligned, ask for the absurd, shrink without memory, use the whole of a limit,
// come to the limit on mappings, and exit while threads go on. And what tags of memory see, where it has them.
//   hardening upwards|downwards|large|contents|order|fork|sizes|growth|absurd|shrinking|limits|mappings|exit|tags|apart|
//             ready|metadata
#include "../../support/hazard.hpp"
#include "krait/stats_block.h"

#include <algorithm>
#include <csignal>
#include <dlfcn.h>
#include <iterator>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace {

using hazard::opaque;

constexpr std::size_t page = 4096, arena = 256 << 10;

// In a child: a fault ends it, without a core file.
void may_fault() {
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGSEGV, SIG_DFL);
}

// How far a child gets that writes from the address on, a page at a time, until it faults.
std::size_t reach(volatile char* from, std::ptrdiff_t step, std::size_t most) {
    void* const shared = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    auto& far = *static_cast<volatile std::size_t*>(shared);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        may_fault();
        for (; far < most; far = far + page, from += step) *from = 1;
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    return far;
}

char* block_of(std::size_t size) {
    auto* const block = static_cast<char*>(opaque(std::malloc(size)));
    CHECK(block);
    return block;
}

// An arena's pools are never more than an arena away from a guard.
void upwards() {
    for (std::size_t i = 0; i < 50'000; ++i) block_of(100);
    for (int i = 0; i < 20; ++i) {
        block_of(1 + 20'000 % (100 + static_cast<unsigned>(i)));
        CHECK(reach(block_of(100), page, 4 * arena) <= 2 * arena);
    }
}

// Below the first arena, where the tables are, nothing is mapped for a while.
void downwards() { CHECK(reach(block_of(100), -static_cast<std::ptrdiff_t>(page), 64 * arena) <= 4 * arena); }

void large() {
    for (const std::size_t size : {std::size_t{70'000}, std::size_t{1} << 20, (std::size_t{1} << 20) + 5}) {
        char* const block = block_of(size);
        CHECK(reach(block, page, size + 2 * page) <= size + page);
        CHECK(reach(block, -static_cast<std::ptrdiff_t>(page), 4 * page) <= page);
        std::free(block);
        CHECK(reach(block, page, size) == 0);
        for (int i = 0; i < 200; ++i) { // nobody else has the addresses
            char* const other = block_of(size);
            CHECK(other + size <= block || block + size <= other);
            std::free(other);
        }
    }
}

// Neither what the last owner wrote nor where other blocks are: the first two words are the allocator's, encoded.
void contents() {
    constexpr std::size_t count = 5000;
    static char* blocks[count];
    for (const std::size_t size : {24u, 100u, 400u, 3000u}) {
        for (char*& each : blocks) std::memset(each = block_of(size), 0x5a, size);
        for (char* each : blocks) std::free(each);
        for (char* each : blocks) {
            std::uintptr_t words[2];
            std::memcpy(words, opaque(each), sizeof words);
            for (const std::uintptr_t word : words)
                CHECK(word != 0x5a5a5a5a5a5a5a5a && word >> 24 != reinterpret_cast<std::uintptr_t>(each) >> 24);
            for (std::size_t i = sizeof words; i < size; ++i) CHECK(opaque(each)[i] == 0);
        }
        for (char*& each : blocks) {
            each = block_of(size);
            for (std::size_t i = 0; i < size; ++i) CHECK(each[i] == 0);
        }
        for (char* each : blocks) std::free(each);
    }
}

// The next block is not the one beside, and the one that was freed last does not come next.
void order() {
    for (const std::size_t size : {8u, 48u, 200u, 500u, 520u, 1000u, 3000u}) {
        const auto near = static_cast<std::ptrdiff_t>(2 * size + 16); // the next but one is not
        unsigned beside = 0, again = 0;
        const char* last = block_of(size);
        for (int i = 0; i < 2000; ++i) {
            const char* const next = block_of(size);
            beside += next - last < near && last - next < near;
            last = next;
        }
        for (int i = 0; i < 2000; ++i) {
            char* const freed = block_of(size);
            std::free(freed);
            again += block_of(size) == freed;
        }
        CHECK(beside < 900);
        CHECK(again < 300);
    }
}

// No arena has blocks of pools and of runs at once, and none is where larger blocks are.
void apart() {
    constexpr std::size_t count = 3000, sizes[]{100, 3000, 100'000};
    static std::uintptr_t arenas[std::size(sizes)][count];
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t sort = 0; sort < std::size(sizes); ++sort)
            arenas[sort][i] = reinterpret_cast<std::uintptr_t>(block_of(sizes[sort])) / arena;
    for (auto& each : arenas) std::sort(std::begin(each), std::end(each));
    for (std::size_t one = 0; one < std::size(sizes); ++one)
        for (std::size_t other = 0; other < one; ++other)
            for (const std::uintptr_t each : arenas[one])
                CHECK(!std::binary_search(std::begin(arenas[other]), std::end(arenas[other]), each));
}

// A forked child's blocks are others than its parent's; those that it inherited it can use and free.
void of_child() {
    constexpr std::size_t count = 2000;
    for (std::size_t i = 0; i < count; ++i) std::free(block_of(48));
    void* const shared =
        mmap(nullptr, count * sizeof(char*), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    auto** const childs = static_cast<char**>(shared);
    const auto take = [](char** blocks) {
        for (std::size_t i = 0; i < count; ++i) std::free(blocks[i] = block_of(48));
    };
    char* const inherited[]{block_of(48), block_of(5000), block_of(100'000)};
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (char* each : inherited) {
            char* const grown = static_cast<char*>(opaque(std::realloc(each, malloc_usable_size(each) + 1)));
            CHECK(grown);
            std::free(grown);
        }
        take(childs);
        _exit(0);
    }
    static char* mine[count];
    take(mine);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    unsigned same = 0;
    for (std::size_t i = 0; i < count; ++i) same += mine[i] == childs[i];
    CHECK(same < count / 2);
}

// Nobody is told to write where the canary is.
void sizes() {
    for (std::size_t size = 0; size < 3000; ++size) CHECK(malloc_usable_size(block_of(size)) == size);
    for (std::size_t size = 3000; size < 400'000; size += 997) {
        char* block = block_of(size);
        CHECK(malloc_usable_size(block) == size);
        std::memset(block, 1, size);
        block = static_cast<char*>(opaque(std::realloc(block, size + size / 3)));
        CHECK(malloc_usable_size(block) == size + size / 3 && block[size - 1] == 1);
        std::memset(block, 1, size + size / 3);
        block = static_cast<char*>(opaque(std::realloc(block, size / 2)));
        CHECK(malloc_usable_size(block) == size / 2);
        std::free(block);
    }
}

// A block that has room for far more, to be aligned, grows into its own memory and nobody else's.
void growth() {
    constexpr std::size_t alignment = 1 << 20, count = 8, size = 300'000;
    for (int round = 0; round < 64; ++round) {
        auto* const block = static_cast<char*>(opaque(std::aligned_alloc(alignment, 200'000)));
        CHECK(block);
        std::memset(block, 1, 200'000);
        char* others[count];
        for (char*& each : others) std::memset(each = block_of(size), 7, size);
        auto* const grown = static_cast<char*>(opaque(std::realloc(block, 250'000)));
        CHECK(grown && grown[0] == 1 && grown[199'999] == 1);
        for (char* each : others) {
            CHECK(each[0] == 7 && std::memcmp(each, each + 1, size - 1) == 0);
            std::free(each);
        }
        std::free(grown);
    }
}

// Sums of sizes and alignments that are more than a word holds.
void absurd() {
    for (unsigned bit = 20; bit < 64; ++bit) {
        const std::size_t alignment = std::size_t{1} << bit;
        for (const std::size_t size :
             {std::size_t{0} - alignment, std::size_t{0} - alignment + page, ~std::size_t{0}}) {
            void* block = nullptr;
            CHECK(!opaque(memalign(opaque(alignment), opaque(size))));
            CHECK(posix_memalign(&block, opaque(alignment), opaque(size)) == ENOMEM && !block);
        }
    }
}

void limit_addresses(std::size_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

// What gets smaller stays where it is if there is nothing else, and is as large as it was asked to be.
void shrinking() {
    constexpr std::size_t had = 64 << 20;
    char* block = block_of(had);
    std::memset(block, 1, had);
    char* held[4096]; // all that the classes of the small sizes have
    limit_addresses(1);
    for (const std::size_t size : {std::size_t{1} << 20, std::size_t{60'000}, std::size_t{1000}}) {
        for (char*& each : held) each = static_cast<char*>(opaque(std::malloc(size)));
        errno = 0;
        block = static_cast<char*>(opaque(std::realloc(block, size)));
        CHECK(block && errno == 0 && block[size - 1] == 1 && malloc_usable_size(block) == size);
        for (char* each : held) std::free(each);
    }
    std::free(block);
}

// Freed addresses are not what keeps a program from its limit, whenever it is set.
void limits() {
    constexpr std::size_t limit = std::size_t{2} << 30, most = std::size_t{1} << 30;
    const auto use = [] {
        for (int i = 0; i < 100; ++i) std::free(block_of(64 << 20));
    };
    const auto has_room = [] {
        void* const half = mmap(nullptr, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        CHECK(half != MAP_FAILED);
        CHECK(munmap(half, most) == 0);
    };
    use();
    limit_addresses(limit);
    has_room();
    use();
    has_room();
}

std::size_t resident() {
    char text[64] = "";
    const int file = open("/proc/self/statm", O_RDONLY);
    CHECK(file >= 0 && read(file, text, sizeof text - 1) > 0);
    close(file);
    std::size_t all = 0, now = 0;
    CHECK(std::sscanf(text, "%zu %zu", &all, &now) == 2);
    return now * page;
}

// More freed blocks between others than there may be mappings: their pages are gone all the same, and then the
// addresses. The most is 65,530 unless somebody changed it.
void mappings() {
    constexpr std::size_t count = 20'000, size = 70'000, others = 60'000;
    auto* const taken = static_cast<char*>(mmap(nullptr, others * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK(taken != MAP_FAILED);
    for (std::size_t i = 0; i < others; i += 2) CHECK(mprotect(taken + i * page, page, PROT_READ) == 0);
    static char* blocks[count];
    const std::size_t before = resident();
    for (char*& each : blocks) std::memset(each = block_of(size), 1, 2 * page);
    const std::size_t peak = resident() - before;
    for (std::size_t i = 0; i < count; i += 2) std::free(blocks[i]);
    CHECK(resident() - before < peak / 20 * 11);
    for (std::size_t i = 1; i < count; i += 2) std::free(blocks[i]);
    CHECK(munmap(taken, others * page) == 0);
    const int file = open("/proc/self/maps", O_RDONLY);
    CHECK(file >= 0);
    std::ptrdiff_t lines = 0;
    char text[4096];
    for (ssize_t got; (got = read(file, text, sizeof text)) > 0;) lines += std::count(text, text + got, '\n');
    close(file);
    CHECK(lines < 3000);
}

// What waits is looked at when the process ends; meanwhile it is nobody's, though other threads go on. Of many
// processes, some come to look just when their other thread has the processor.
void at_exit() {
    for (int i = 0; i < 60; ++i) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(static_cast<unsigned>(sched_getcpu()), &one);
            sched_setaffinity(0, sizeof one, &one);
            pthread_t other;
            CHECK(pthread_create(
                      &other, nullptr,
                      [](void*) -> void* {
                          char* held[8]{};
                          for (;; usleep(1)) {
                              for (char* each : held) std::free(each);
                              for (char*& each : held) std::memset(each = block_of(60'000), 1, 60'000);
                          }
                      },
                      nullptr) == 0);
            const sched_param none{};
            pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
            usleep(2000);
            std::exit(0);
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
}

// By which signal a child ends that does this, in silence; 0 if by none.
template <class Do>
int signal_of(Do it) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        may_fault();
        close(STDERR_FILENO);
        it();
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

// Where memory has tags: what is out of a block, or freed, faults at the very access, reads too; a name that a block had
// in an earlier life is told; and a correct program notices nothing.
void tags() {
    constexpr unsigned long has_tags = 1ul << 18; // HWCAP2_MTE
    if ((getauxval(AT_HWCAP2) & has_tags) == 0) {
        std::puts("skipped: no memory tagging");
        std::exit(77);
    }
    const auto tag_of = [](const char* block) { return reinterpret_cast<std::uintptr_t>(block) >> 56 & 15; };
    for (const std::size_t size : {0u, 1u, 15u, 16u, 24u, 48u, 500u, 600u, 5000u, 60'000u}) {
        char* const block = block_of(size);
        CHECK(tag_of(block) != 0);
        CHECK(malloc_usable_size(block) == size);
        if (size != 0) std::memset(block, 1, size);
        const std::size_t behind = (size + (size == 0) + 15) / 16 * 16;
        CHECK(signal_of([=] { static_cast<void>(static_cast<volatile char*>(block)[behind]); }) == SIGSEGV);
        CHECK(signal_of([=] { static_cast<volatile char*>(block)[behind] = 1; }) == SIGSEGV);
        std::free(block);
        CHECK(signal_of([=] { static_cast<void>(*static_cast<volatile char*>(block)); }) == SIGSEGV);
        CHECK(signal_of([=] { std::free(opaque(block)); }) == SIGABRT);
    }
    // Its own address once more, under another name.
    char* const old = block_of(200);
    std::free(old);
    constexpr std::uintptr_t all_tags = std::uintptr_t{15} << 56;
    const auto plain = [=](const char* block) { return reinterpret_cast<std::uintptr_t>(block) & ~all_tags; };
    char* again = block_of(200);
    for (int i = 0; i < 100'000 && (plain(again) != plain(old) || again == old); ++i) {
        std::free(again);
        again = block_of(200);
    }
    CHECK(plain(again) == plain(old) && again != old);
    CHECK(signal_of([=] { static_cast<void>(*static_cast<volatile char*>(old)); }) == SIGSEGV);
    CHECK(signal_of([=] { std::free(opaque(old)); }) == SIGABRT);
    std::free(again);

    static char* held[500];
    std::size_t sizes[500]{};
    std::uint32_t random = 1;
    for (int i = 0; i < 50'000; ++i) {
        random = random * 1664525 + 1013904223;
        const std::size_t at = (random >> 8) % 500, size = (random >> 17) % (i % 16 == 0 ? 30'000 : 700);
        const std::size_t kept = std::min(size, sizes[at]);
        char* const block = static_cast<char*>(i % 3 == 0 && size != 0 ? std::realloc(held[at], size) : nullptr);
        if (block == nullptr) std::free(held[at]);
        for (std::size_t n = 0; block != nullptr && n < kept; ++n) CHECK(block[n] == static_cast<char>(at | 1));
        held[at] = block != nullptr ? block : block_of(size);
        if (size != 0)
            std::memset(held[at], static_cast<int>(at | 1),
                        size); // no zeros: qemu 7.2 faults at DC ZVA of what has tags
        sizes[at] = size;
    }
    for (char* each : held) std::free(each);
}

void write_to_freed(std::size_t size) {
    char* blocks[10];
    for (char*& each : blocks) each = block_of(size);
    for (char* each : blocks) std::free(each);
    constexpr std::size_t start = 16; // of each block, whatever was asked for
    for (const char* each : blocks)
        CHECK(std::all_of(opaque(each), opaque(each) + start, [](char byte) { return byte == 0; }));
    *opaque(blocks[3]) = 1;
}

// A block that was freed and is the next to be handed out is all zeros. A write to it is seen when it is handed out,
// when its thread ends, and at exit; a second free at once. Without a quarantine all that is freed is such a block.
void ready() {
    for (std::size_t size : {1u, 48u, 500u}) {
        CHECK(signal_of([=] {
                  write_to_freed(size);
                  for (int i = 0; i < 10; ++i) block_of(size);
              }) == SIGABRT);
        CHECK(signal_of([=] { write_to_freed(size), std::exit(0); }) == SIGABRT);
        CHECK(signal_of([&] {
                  pthread_t other;
                  CHECK(pthread_create(
                            &other, nullptr,
                            [](void* of) -> void* { return write_to_freed(*static_cast<std::size_t*>(of)), nullptr; },
                            &size) == 0);
                  pthread_join(other, nullptr);
              }) == SIGABRT);
        CHECK(signal_of([=] {
                  char* const block = block_of(size);
                  std::free(block);
                  std::free(opaque(block));
              }) == SIGABRT);
    }
}

// Some of krait's own tables, and what they held before a mistake.
struct kept_table {
    const char* now;
    std::size_t bytes;
    char* before;
};
kept_table kept_tables[4];

void keep_tables() {
    const auto* const known = static_cast<const krait_stats_layout*>(dlsym(RTLD_DEFAULT, "krait_stats_block"));
    CHECK(known && known->magic == KRAIT_STATS_BLOCK_MAGIC);
    const std::size_t arenas = *reinterpret_cast<const std::uint32_t*>(known->committed_arenas.address);
    const std::size_t pools = arenas * (known->arena_bytes / known->pool_bytes);
    const auto table_at = [](krait_stats_column column, std::size_t rows) {
        return kept_table{reinterpret_cast<const char*>(column.address), rows * column.stride, nullptr};
    };
    kept_tables[0] = table_at(known->pool_class, pools);
    kept_tables[1] = table_at(known->pool_used, pools - 1); // a column may begin within its row
    kept_tables[2] = table_at(known->arena_in_use, arenas - 1);
    kept_tables[3] = table_at(known->class_pools, known->class_count - 1); // of the library's own memory
    for (kept_table& each : kept_tables) {
        void* const copy = mmap(nullptr, each.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(copy != MAP_FAILED);
        each.before = static_cast<char*>(std::memcpy(copy, each.now, each.bytes));
    }
}

// Whatever starts to write at the end or before the start of a block, and never ends, faults before a byte of krait's
// tables has changed.
void metadata() {
    for (std::size_t i = 0; i < 20'000; ++i) block_of(100);
    for (const std::size_t size : {100u, 100u, 3000u, 3000u, 60'000u, 100'000u, 1u << 20}) {
        char* const block = block_of(size);
        for (const std::ptrdiff_t step : {1, -1}) {
            const pid_t child = fork();
            CHECK(child >= 0);
            if (child == 0) {
                keep_tables();
                std::signal(SIGSEGV, [](int) {
                    for (const kept_table& each : kept_tables)
                        if (std::memcmp(each.before, each.now, each.bytes) != 0) _exit(1);
                    _exit(0);
                });
                volatile char* at = step > 0 ? block + size : block - 1;
                for (std::size_t n = 0; n < 8 * arena; ++n, at += step) *at = 0x6b;
                _exit(2); // no fault
            }
            int status = 0;
            CHECK(waitpid(child, &status, 0) == child);
            CHECK(status == 0);
        }
    }
}

struct subject {
    const char* name;
    void (*look)();
};
constexpr subject subjects[]{{"upwards", upwards},     {"downwards", downwards}, {"large", large},
                             {"contents", contents},   {"order", order},         {"fork", of_child},
                             {"sizes", sizes},         {"growth", growth},       {"absurd", absurd},
                             {"shrinking", shrinking}, {"limits", limits},       {"mappings", mappings},
                             {"exit", at_exit},        {"tags", tags},           {"apart", apart},
                             {"ready", ready},         {"metadata", metadata}};

} // namespace

int main(int argc, char** argv) {
    for (const subject& each : subjects)
        if (argc == 2 && std::strcmp(argv[1], each.name) == 0) return each.look(), 0;
    return 2;
}
