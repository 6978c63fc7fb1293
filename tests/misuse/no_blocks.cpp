// Addresses given back that are no block's.
#include "misuse.hpp"

#include <cstdint>
#include <new>
#include <sys/mman.h>

namespace misuse {

namespace {

alignas(64) char global_bytes[256];
alignas(64) constexpr char constant_bytes[256] = "no block";

void free_at(char* address) { std::free(about(address)); }

void inside(std::size_t size, std::size_t offset) {
    char* const block = victim(size);
    own(size);
    free_at(block + offset);
}

void one_past(std::size_t size) {
    char* const block = victim(size);
    own(size);
    free_at(end_of(block));
}

void before(std::size_t size) {
    own(size);
    free_at(victim(size) - 16);
}

void mapping(std::size_t size, std::size_t offset) {
    const std::size_t page = 4096; // nothing is before it, so that all allocators find the same
    const std::size_t bytes = (size + 2 * page) & ~(page - 1);
    void* const memory = mmap(nullptr, page + bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(status_unknown);
    char* const start = static_cast<char*>(memory) + page;
    if (mprotect(start, bytes, PROT_READ | PROT_WRITE) != 0) _exit(status_unknown);
    watch(start, bytes);
    free_at(start + offset);
}

// Zeros all around, and looked at as long as it is there.
void local(std::size_t size, void (*give_back)(char* address, std::size_t size)) {
    alignas(64) char bytes[4096] = {};
    char* const middle = bytes + sizeof bytes / 2;
    watch(middle, size < 512 ? size : 512);
    give_back(about(middle), size);
    live_on(size);
    give_up(middle);
}

// Where the next block of the size would start.
void neighbour_never_carved(std::size_t size) {
    char* last = victim(size);
    for (int i = 0; i < 3; ++i) last = victim(size);
    free_at(last + 40 * ((size + 15) & ~std::size_t{15}));
}

void stack(std::size_t size) {
    local(size, [](char* address, std::size_t) { std::free(address); });
}

void delete_stack(std::size_t size) {
    local(size, [](char* address, std::size_t bytes) { ::operator delete(address, bytes); });
}

void realloc_stack(std::size_t size) {
    local(size, [](char* address, std::size_t bytes) { static_cast<void>(opaque(std::realloc(address, bytes))); });
}

void realloc_inside(std::size_t size) {
    char* const block = victim(size);
    own(size);
    static_cast<void>(opaque(std::realloc(about(block + 16), 2 * size)));
}

char* nowhere(std::uintptr_t address = 0x123456789ab0) { return reinterpret_cast<char*>(opaque(address)); }

void wild(std::size_t) { free_at(nowhere()); }

thread_local char thread_bytes[256];

void usable_size_inside(std::size_t size) {
    char* const block = victim(size);
    own(size);
    opaque(malloc_usable_size(about(block + 16)));
}

constexpr kind kinds[]{
    {"free_inside_1", [](std::size_t size) { inside(size, 1); }},
    {"free_inside_8", [](std::size_t size) { inside(size, 8); }},
    {"free_inside_16", [](std::size_t size) { inside(size, 16); }},
    {"free_inside_half", [](std::size_t size) { inside(size, size / 2 & ~std::size_t{15}); }},
    {"free_one_past", one_past},
    {"free_before", before},
    {"free_never_handed_out", [](std::size_t size) { free_at(victim(size) + 128 * 1024); }},
    {"free_never_carved", neighbour_never_carved},
    {"free_stack", stack},
    {"free_global", [](std::size_t) { free_at(global_bytes); }},
    {"free_constant", [](std::size_t) { free_at(const_cast<char*>(constant_bytes)); }},
    {"free_mapping", [](std::size_t size) { mapping(size, 0); }},
    {"free_mapping_64", [](std::size_t size) { mapping(size, 64); }},
    {"free_wild", wild},
    {"free_address_16", [](std::size_t) { free_at(nowhere(16)); }},
    {"free_not_canonical", [](std::size_t) { free_at(nowhere(0xdead'beef'dead'bee0)); }},
    {"free_code", [](std::size_t) { free_at(reinterpret_cast<char*>(opaque(&inside))); }},
    {"free_thread_local", [](std::size_t) { free_at(opaque(thread_bytes) + 64); }},
    {"free_header", [](std::size_t size) { inside(size, static_cast<std::size_t>(-8)); }},
    {"realloc_wild", [](std::size_t size) { static_cast<void>(opaque(std::realloc(about(nowhere()), size))); }},
    {"realloc_global", [](std::size_t size) { static_cast<void>(opaque(std::realloc(about(global_bytes), size))); }},
    {"delete_inside", [](std::size_t size) { ::operator delete(about(victim(size) + 8)); }},
    {"usable_size_inside", usable_size_inside},
    {"delete_stack", delete_stack},
    {"realloc_stack", realloc_stack},
    {"realloc_inside", realloc_inside},
};

} // namespace

constinit const std::span<const kind> no_blocks(kinds);

} // namespace misuse
