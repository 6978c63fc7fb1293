// What libkrait_hard.so promises beyond what misuse ends in (tests/misuse): that an overrun which goes on faults before
// it reaches anything else, that nothing of a freed block's contents or of addresses is left to read, that what comes
// next cannot be told, in a forked child neither; and that large freed blocks and their addresses stay gone.
//   hardening upwards|downwards|large|contents|order|fork|sizes
#include "../../support/hazard.hpp"

#include <algorithm>
#include <csignal>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace {

using hazard::opaque;

constexpr std::size_t page = 4096, arena = 256 << 10;

// How far a child gets that writes from the address on, a page at a time, until it faults.
std::size_t reach(volatile char* from, std::ptrdiff_t step, std::size_t most) {
    void* const shared = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    auto& far = *static_cast<volatile std::size_t*>(shared);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const rlimit none{};
        setrlimit(RLIMIT_CORE, &none);
        std::signal(SIGSEGV, SIG_DFL);
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

// The next block is not the one behind, and the one that was freed last does not come next.
void order() {
    unsigned behind = 0, again = 0;
    char* last = block_of(48);
    for (int i = 0; i < 2000; ++i) {
        char* const next = block_of(48);
        behind += next == last + 64;
        last = next;
    }
    for (int i = 0; i < 2000; ++i) {
        char* const freed = block_of(48);
        std::free(freed);
        again += block_of(48) == freed;
    }
    CHECK(behind < 400);
    CHECK(again < 100);
}

// A forked child's blocks are others than its parent's.
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
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        take(childs);
        _exit(0);
    }
    static char* mine[count];
    take(mine);
    CHECK(waitpid(child, nullptr, 0) == child);
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

struct subject {
    const char* name;
    void (*look)();
};
constexpr subject subjects[]{{"upwards", upwards}, {"downwards", downwards}, {"large", large}, {"contents", contents},
                             {"order", order},     {"fork", of_child},       {"sizes", sizes}};

} // namespace

int main(int argc, char** argv) {
    for (const subject& each : subjects)
        if (argc == 2 && std::strcmp(argv[1], each.name) == 0) return each.look(), 0;
    return 2;
}
