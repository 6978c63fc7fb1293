// Blocks that are freed twice, or used as if they had not been freed.
#include "misuse.hpp"

#include <atomic>
#include <dlfcn.h>
#include <new>
#include <thread>

namespace misuse {

namespace {

void twice(char* block) {
    about(block);
    std::free(block);
    std::free(opaque(block));
}

void later(std::size_t size) {
    char* const block = victim(size);
    char* others[5];
    for (char*& other : others) other = own(size);
    about(block);
    std::free(block);
    for (char* other : others) release(other);
    std::free(opaque(block));
}

// Its neighbours stay in use.
void past_caches(std::size_t size) {
    const std::span<char*> blocks = many_victims(size);
    char* const block = about(blocks[0]);
    for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
    std::free(opaque(block));
}

void after_trim(std::size_t size) {
    const std::span<char*> blocks = many_victims(size);
    char* const block = about(blocks[blocks.size() / 2]);
    for (char* each : blocks) std::free(each);
    malloc_trim(0);
    std::free(opaque(block));
}

// Some of what was freed, in reverse.
void a_list_of_them(std::size_t size) {
    char* blocks[6];
    for (char*& block : blocks) block = victim(size);
    for (char* block : blocks) std::free(block);
    about(blocks[5]);
    for (int i = 5; i >= 0; --i) std::free(opaque(blocks[i]));
}

void after_realloc(std::size_t size) {
    char* const old = victim(size);
    own(size); // behind it, so that it moves
    about(old);
    auto* const moved = static_cast<char*>(opaque(std::realloc(old, 5 * size)));
    std::free(opaque(old));
    std::free(moved);
}

void realloc_to_nothing(std::size_t size) {
    char* const block = about(victim(size));
    static_cast<void>(opaque(std::realloc(block, 0)));
    std::free(opaque(block));
}

// The new owner is an innocent one.
void of_reused(std::size_t size) {
    char* const block = about(victim(size));
    std::free(block);
    own(size);
    std::free(opaque(block));
}

void of_reused_by_both(std::size_t size) {
    char* const block = about(victim(size));
    std::free(block);
    auto* const again = static_cast<char*>(opaque(std::malloc(size)));
    std::free(opaque(block));
    std::free(again);
}

// The threads are there before: starting one may take the block.
void by_two_threads(std::size_t size) {
    char* const block = about(victim(size));
    std::atomic<bool> is_freed{false};
    std::thread second([&] {
        while (!is_freed) std::this_thread::yield();
        std::free(opaque(block));
    });
    std::free(block);
    is_freed = true;
    second.join();
}

void by_ended_thread(std::size_t size) {
    char* const block = about(victim(size));
    std::thread([=] { std::free(block); }).join();
    std::free(opaque(block));
}

void by_two_ended_threads(std::size_t size) {
    char* const block = about(victim(size));
    std::thread([=] { std::free(block); }).join();
    std::thread([=] { std::free(opaque(block)); }).join();
}

void by_libc(std::size_t size) {
    std::free(victim(size)); // so that a cache has seen a block of the size
    char* const block = about(victim(size));
    own(size);
    auto* const libc_free = reinterpret_cast<void (*)(void*)>(dlsym(RTLD_DEFAULT, "__libc_free"));
    if (libc_free == nullptr) _exit(status_unknown);
    libc_free(block);
    std::free(opaque(block));
}

void written_between(std::size_t size, std::size_t from, std::size_t to) {
    char* const block = victim(size);
    own(size);
    about(block);
    std::free(block);
    std::memset(opaque(block) + from, 0x22, to - from);
    std::free(opaque(block));
}

void of_aligned(std::size_t size) {
    void* block = nullptr;
    if (posix_memalign(&block, 64, size) != 0) _exit(status_unknown);
    twice(static_cast<char*>(block));
}

void with_delete(std::size_t size) {
    void* const block = about(::operator new(size));
    ::operator delete(opaque(block));
    ::operator delete(opaque(block));
}

void with_sized_delete(std::size_t size) {
    void* const block = about(::operator new(size));
    ::operator delete(opaque(block), size);
    ::operator delete(opaque(block), size);
}

void with_delete_array(std::size_t size) {
    char* const block = opaque(new char[size]);
    about(block);
    delete[] block;
    delete[] opaque(block);
}

// So long ago that no quarantine has it any more: every block of the size that came meanwhile is in use.
void long_after(std::size_t size) {
    const std::span<char*> others = many_victims(size);
    char* const block = about(victim(size));
    std::free(block);
    for (std::size_t i = 0; i < others.size() / 2; ++i) std::free(others[i]);
    std::free(opaque(block));
}

// Its neighbours are freed, so that what is free is joined.
void among_freed(std::size_t size) {
    char* const before = victim(size);
    char* const block = about(victim(size));
    char* const behind = victim(size);
    own(size);
    std::free(before);
    std::free(block);
    std::free(behind);
    std::free(opaque(block));
}

void with_another_size_between(std::size_t size) {
    char* const block = about(victim(size));
    std::free(block);
    for (int i = 0; i < 20; ++i) std::free(victim(2 * size));
    std::free(opaque(block));
}

void freed_by_realloc_elsewhere(std::size_t size) {
    char* const block = about(victim(size));
    std::thread([=] { std::free(std::realloc(block, 5 * size + 200'000)); }).join();
    std::free(opaque(block));
}

void realloc_after_ended_thread(std::size_t size) {
    char* const block = about(victim(size));
    std::thread([=] { std::free(block); }).join();
    static_cast<void>(opaque(std::realloc(opaque(block), 3 * size)));
}

void realloc_twice_of_old(std::size_t size) {
    char* const block = about(victim(size));
    own(size);
    auto* const moved = static_cast<char*>(opaque(std::realloc(block, 5 * size)));
    static_cast<void>(opaque(std::realloc(opaque(block), 5 * size)));
    std::free(moved);
}

void realloc_freed(std::size_t size) {
    char* const block = about(victim(size));
    std::free(block);
    static_cast<void>(opaque(std::realloc(opaque(block), 2 * size)));
}

void realloc_freed_in_place(std::size_t size) {
    char* const block = about(victim(size));
    std::free(block);
    static_cast<void>(opaque(std::realloc(opaque(block), size)));
}

void usable_size_of_freed(std::size_t size) {
    char* const block = about(victim(size));
    std::free(block);
    opaque(malloc_usable_size(opaque(block)));
}

constexpr kind kinds[]{
    {"double_free", [](std::size_t size) { twice(victim(size)); }},
    {"double_free_later", later},
    {"double_free_past_caches", past_caches},
    {"double_free_after_trim", after_trim},
    {"double_free_list", a_list_of_them},
    {"double_free_after_realloc", after_realloc},
    {"double_free_after_realloc_to_0", realloc_to_nothing},
    {"double_free_reused", of_reused},
    {"double_free_reused_by_both", of_reused_by_both},
    {"double_free_two_threads", by_two_threads},
    {"double_free_ended_thread", by_ended_thread},
    {"double_free_two_ended_threads", by_two_ended_threads},
    {"double_free_libc", by_libc},
    {"double_free_first_word_written", [](std::size_t size) { written_between(size, 0, 8); }},
    {"double_free_second_word_written", [](std::size_t size) { written_between(size, 8, 16); }},
    {"double_free_all_written", [](std::size_t size) { written_between(size, 0, size); }},
    {"double_free_calloc", [](std::size_t size) { twice(static_cast<char*>(std::calloc(1, size))); }},
    {"double_free_aligned", of_aligned},
    {"double_delete", with_delete},
    {"double_delete_sized", with_sized_delete},
    {"double_delete_array", with_delete_array},
    {"double_free_long_after", long_after},
    {"double_free_among_freed", among_freed},
    {"double_free_other_size_between", with_another_size_between},
    {"double_free_after_realloc_elsewhere", freed_by_realloc_elsewhere},
    {"realloc_freed_ended_thread", realloc_after_ended_thread},
    {"realloc_old_twice", realloc_twice_of_old},
    {"realloc_freed", realloc_freed},
    {"realloc_freed_same_size", realloc_freed_in_place},
    {"usable_size_freed", usable_size_of_freed},
};

} // namespace

constinit const std::span<const kind> double_frees(kinds);

} // namespace misuse
