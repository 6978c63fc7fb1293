// Writes to blocks that were freed, and what free blocks' lists come to where the writer is unlucky.
#include "misuse.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <thread>

namespace misuse {

namespace {

constexpr int garbage = 0xee;
constexpr std::size_t word = sizeof(void*);

// Three freed blocks, and one in use among them: first is handed out first, its link leads to next.
struct freed {
    char *first, *next, *last, *live;
};

freed three_freed(std::size_t size) {
    const freed f{victim(size), victim(size), victim(size), own(size)};
    std::free(f.last);
    std::free(f.next);
    std::free(f.first);
    return f;
}

// One of very many: every second one, so that they go to their pools' own lists and their neighbours stay.
struct in_pools {
    std::span<char*> blocks;
    char *block, *next, *live;
};

in_pools freed_in_pools(std::size_t size) {
    const std::span<char*> blocks = many_victims(size);
    for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
    return {blocks, blocks[12], blocks[8], blocks[11]};
}

// All that were freed are handed out again, each with a number of its own, which is looked at in the end; and others, as
// blocks that were never in use may come first.
void take_all_again(const in_pools& freed, std::size_t size) {
    for (std::size_t i = 1; i < freed.blocks.size(); i += 2) static_cast<void>(opaque(std::malloc(size)));
    for (std::size_t i = 0; i < freed.blocks.size(); i += 2) {
        freed.blocks[i] = static_cast<char*>(opaque(std::malloc(size)));
        std::memset(freed.blocks[i], 1, size);
        std::memcpy(freed.blocks[i], &i, sizeof i);
    }
    for (std::size_t i = 0; i < freed.blocks.size(); i += 2)
        if (std::memcmp(freed.blocks[i], &i, sizeof i) != 0) _exit(status_harm);
}

void write(char* block, const void* bytes, std::size_t count) { std::memcpy(about(block), bytes, count); }

void fill(std::size_t size, std::size_t from, std::size_t to, int value = garbage) {
    char* const block = three_freed(size).first;
    std::memset(about(block) + from, value, std::min(to, size) - from);
}

void first_words(std::size_t size) { fill(size, 0, 32); }
void first_word(std::size_t size) { fill(size, 0, word); }
void second_word(std::size_t size) { fill(size, word, 2 * word); }
void first_byte(std::size_t size) { fill(size, 0, 1); }
void terminator(std::size_t size) { fill(size, 0, 1, 0); }
void zeros(std::size_t size) { fill(size, 0, size, 0); }
void last_byte(std::size_t size) { fill(size, size - 1, size); }
void all(std::size_t size) { fill(size, 0, size); }

void not_first_of_list(std::size_t size) {
    char* const block = three_freed(size).next;
    std::memset(about(block), garbage, std::min<std::size_t>(32, size));
}

void through_realloc(std::size_t size) {
    char* const old = victim(size);
    own(size);
    about(old);
    char* const moved = static_cast<char*>(opaque(std::realloc(old, 5 * size)));
    std::memset(opaque(old), garbage, std::min<std::size_t>(32, size));
    live_on(size);
    std::free(moved);
}

void after_ended_thread(std::size_t size) {
    char* const block = about(victim(size));
    own(size);
    std::thread([=] { std::free(block); }).join();
    std::memset(opaque(block), garbage, std::min<std::size_t>(32, size));
}

void middle(std::size_t size) { fill(size, size / 2, size / 2 + 4); }

// A field far behind those that lists use.
void field(std::size_t size) { fill(size, size - word, size - word + 4); }

void of_calloc(std::size_t size) {
    auto* const block = static_cast<char*>(opaque(std::calloc(1, size)));
    own(size);
    std::free(about(block));
    std::memset(opaque(block), garbage, word);
}

void of_aligned(std::size_t size) {
    void* block = nullptr;
    if (posix_memalign(&block, 64, size) != 0) _exit(status_unknown);
    std::free(about(block));
    std::memset(opaque(block), garbage, word);
}

void after_delete(std::size_t size) {
    void* const block = about(::operator new(size));
    ::operator delete(opaque(block));
    std::memset(opaque(block), garbage, word);
}

void by_another_thread(std::size_t size) {
    char* const block = about(three_freed(size).first);
    std::thread([=] { std::memset(opaque(block), garbage, word); }).join();
}

// What was freed is still looked at: the contents, or nothing.
volatile char seen;

void read_at(const char* block, std::size_t offset) { seen = opaque(block)[offset]; }

void read_freed(std::size_t size) { read_at(about(three_freed(size).first), size / 2); }

void read_old(std::size_t size) {
    char* const old = about(victim(size));
    own(size);
    char* const moved = static_cast<char*>(opaque(std::realloc(old, 5 * size)));
    read_at(old, size / 2);
    std::free(moved);
}

void read_after_ended_thread(std::size_t size) {
    char* const block = about(victim(size));
    std::thread([=] { std::free(block); }).join();
    read_at(block, size / 2);
}

// A counter in a freed object goes on.
void increment(std::size_t size) {
    char* const block = about(three_freed(size).first);
    ++*reinterpret_cast<std::uint32_t*>(opaque(block));
}

void link_to_live(std::size_t size) {
    const freed f = three_freed(size);
    write(f.first, &f.live, word);
}

void link_to_free(std::size_t size) {
    const freed f = three_freed(size);
    write(f.first, &f.last, word);
}

// It stays in the list of its own size, too.
void link_to_free_of_other_size(std::size_t size) {
    char* const others[]{victim(size / 2), victim(size / 2)};
    const freed f = three_freed(size);
    for (char* other : others) std::free(other);
    write(f.first, &others[0], word);
    live_on(size, 1);
    for (int i = 0; i < 3; ++i) own(size);
    for (int i = 0; i < 3; ++i) own(size / 2);
}

void link_to_itself(std::size_t size) {
    const freed f = three_freed(size);
    write(f.first, &f.first, word);
}

void link_to_nothing(std::size_t size) {
    const freed f = three_freed(size);
    char* const nothing = nullptr;
    write(f.first, &nothing, word);
}

void link_to_stack(std::size_t size) {
    alignas(16) char local[64];
    char* const address = local;
    watch(local, sizeof local);
    const freed f = three_freed(size);
    write(f.first, &address, word);
    live_on(size);
    give_up(local);
}

// Into a live block, where a free one might be.
void link_into_live(std::size_t size) {
    const freed f = three_freed(size);
    char* const inside = f.live + std::min<std::size_t>(16, size / 2);
    write(f.first, &inside, word);
}

// As memcpy of a whole object over it would.
void copy_of_free(std::size_t size) {
    const freed f = three_freed(size);
    write(f.first, f.last, 2 * word);
}

void pools_fill(std::size_t size, std::size_t bytes, int value) {
    const in_pools f = freed_in_pools(size);
    std::memset(about(f.block), value, bytes);
    take_all_again(f, size);
}

void pools_garbage(std::size_t size) { pools_fill(size, word, garbage); }
void pools_zero(std::size_t size) { pools_fill(size, word, 0); }
void pools_both_words(std::size_t size) { pools_fill(size, 2 * word, garbage); }

void pools_write(std::size_t size, char* in_pools::*target) {
    const in_pools f = freed_in_pools(size);
    char* const address = f.*target;
    if (target == &in_pools::live) watch(f.live, size);
    write(f.block, &address, word);
    take_all_again(f, size);
}

void pools_live(std::size_t size) { pools_write(size, &in_pools::live); }
void pools_free(std::size_t size) { pools_write(size, &in_pools::next); }

constexpr kind writes[]{
    {"write_first_words", first_words},
    {"write_first_word", first_word},
    {"write_second_word", second_word},
    {"write_first_byte", first_byte},
    {"write_nul", terminator},
    {"write_zeros", zeros},
    {"write_last_byte", last_byte},
    {"write_all", all},
    {"write_second_of_list", not_first_of_list},
    {"write_increment", increment},
    {"write_middle", middle},
    {"write_last_field", field},
    {"write_freed_calloc", of_calloc},
    {"write_freed_aligned", of_aligned},
    {"write_deleted", after_delete},
    {"write_by_another_thread", by_another_thread},
    {"read_freed", read_freed},
    {"read_after_realloc", read_old},
    {"read_after_ended_thread", read_after_ended_thread},
    {"write_after_realloc", through_realloc},
    {"write_after_ended_thread", after_ended_thread},
};

constexpr kind lists[]{
    {"link_to_live", link_to_live},
    {"link_to_free", link_to_free},
    {"link_to_free_of_other_size", link_to_free_of_other_size},
    {"link_to_itself", link_to_itself},
    {"link_to_nothing", link_to_nothing},
    {"link_to_stack", link_to_stack},
    {"link_into_live", link_into_live},
    {"copy_of_free", copy_of_free},
    {"pools_garbage", pools_garbage},
    {"pools_zero", pools_zero},
    {"pools_both_words", pools_both_words},
    {"pools_link_to_live", pools_live},
    {"pools_link_to_free", pools_free},
};

} // namespace

constinit const std::span<const kind> writes_after_free(writes);
constinit const std::span<const kind> free_lists(lists);

} // namespace misuse
