// misuse KIND SIZE: one mistake, with blocks of that size; then the rest of a program's life.
// misuse KIND SIZE wait: the same, and the process stays until its standard input ends.
// misuse --list: the kinds.
#include "misuse.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <sys/mman.h>

namespace misuse {

namespace {

struct possession {
    char* memory;
    std::size_t size;
    std::uint64_t number;
    bool is_block;
};

std::array<possession, 512> possessions;
std::size_t possession_count = 0;
std::uint64_t last_number = 0x5eed0000;

// Of large blocks, the ends and a word of each page in between.
template <class Visit>
bool for_each_word(const possession& p, Visit visit) {
    constexpr std::size_t end = 256, page = 4096;
    std::size_t step = sizeof p.number;
    for (std::size_t at = 0; at + sizeof p.number <= p.size; at += step) {
        if (!visit(p.memory + at)) return false;
        step = at < end || at + page + end > p.size ? sizeof p.number : page;
    }
    return true;
}

void fill(const possession& p) {
    for_each_word(p, [&](char* at) {
        std::memcpy(at, &p.number, sizeof p.number);
        return true;
    });
}

bool is_whole(const possession& p) {
    return for_each_word(p, [&](const char* at) { return std::memcmp(at, &p.number, sizeof p.number) == 0; });
}

void look() {
    for (std::size_t i = 0; i < possession_count; ++i) {
        if (is_whole(possessions[i])) continue;
        std::printf("%p changed\n", static_cast<void*>(possessions[i].memory));
        std::fflush(stdout);
        _exit(status_harm);
    }
}

void possess(char* memory, std::size_t size, bool is_block) {
    if (possession_count == possessions.size()) _exit(status_unknown);
    possessions[possession_count] = {memory, size, ++last_number, is_block};
    fill(possessions[possession_count++]);
}

// The last one first: it is often it.
void forget(const char* memory) {
    for (std::size_t i = possession_count; i-- > 0;) {
        if (possessions[i].memory != memory) continue;
        possessions[i] = possessions[--possession_count];
        return;
    }
}

void end_life(std::size_t size) {
    live_on(size, 1);
    while (possession_count > 0) {
        const possession last = possessions[possession_count - 1];
        last.is_block ? release(last.memory) : give_up(last.memory);
    }
    live_on(size, 1);
}

template <class Visit>
bool for_each_kind(Visit visit) {
    for (const auto* table : {&double_frees, &no_blocks, &overruns, &underruns, &writes_after_free, &free_lists,
                              &mismatches, &absurd_sizes, &contexts}) {
        for (const kind& each : *table)
            if (!visit(each)) return false;
    }
    return true;
}

int list() {
    for_each_kind([](const kind& each) { return std::puts(each.name) >= 0; });
    return 0;
}

int make(const char* name, std::size_t size) {
    const bool is_unknown = for_each_kind([=](const kind& each) {
        if (std::strcmp(each.name, name) != 0) return true;
        each.make(size);
        return false;
    });
    if (is_unknown) return status_unknown;
    live_on(size);
    end_life(size);
    return 0;
}

} // namespace

char* own(std::size_t size) {
    auto* const block = static_cast<char*>(opaque(std::malloc(size)));
    possess(block, size, true);
    return block;
}

void watch(char* memory, std::size_t size) { possess(memory, size, false); }

char* victim(std::size_t size) {
    auto* const block = static_cast<char*>(opaque(std::malloc(size)));
    std::memset(block, 1, size);
    return block;
}

void release(char* block) {
    look();
    forget(block);
    std::free(opaque(block));
}

void give_up(char* block) { forget(block); }

char* about(void* address) {
    std::printf("%p\n", address);
    std::fflush(stdout);
    return static_cast<char*>(opaque(address));
}

void end_refused(bool is_refused) { _exit(is_refused ? status_refused : status_harm); }

void live_on(std::size_t size, int rounds) {
    constexpr std::size_t most = 160, few = 10, large = 4096;
    std::array<char*, most> blocks;
    const std::span<char*> used(blocks.data(), size < large ? most : few);
    for (; rounds > 0; --rounds) {
        for (char*& block : used) block = own(size);
        for (char* block : used) release(block);
    }
    look();
}

std::span<char*> many_victims(std::size_t size) {
    constexpr std::size_t most = 20000, few = 64, large = 4096;
    const std::size_t count = size < large ? most : few;
    void* const memory =
        mmap(nullptr, count * sizeof(char*), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(status_unknown);
    const std::span<char*> blocks(static_cast<char**>(memory), count);
    for (char*& block : blocks) block = victim(size);
    return blocks;
}

} // namespace misuse

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) return misuse::list();
    if (argc < 3) return misuse::status_unknown;
    const int status = misuse::make(argv[1], std::strtoul(argv[2], nullptr, 10));
    if (argc > 3) {
        std::puts("made");
        std::fflush(stdout);
        static_cast<void>(std::getchar());
    }
    return status;
}
