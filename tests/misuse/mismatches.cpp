// Blocks given back by another function than fits, or with another size; and sizes and alignments that nobody can have.
#include "misuse.hpp"

#include <cerrno>
#include <cstdint>
#include <dlfcn.h>
#include <new>
#include <thread>

namespace misuse {

namespace {

void sized_delete(std::size_t size, std::size_t claimed) {
    void* const block = about(::operator new(size));
    ::operator delete(block, opaque(claimed));
}

void sized_delete_of_fresh_thread(std::size_t size) {
    void* const block = about(::operator new(size));
    std::thread([=] { ::operator delete(block, opaque(2 * size)); }).join();
}

// The first wrong one, then more.
void sized_delete_many(std::size_t size) {
    void* blocks[5];
    for (void*& block : blocks) block = ::operator new(size);
    about(blocks[0]);
    for (void* block : blocks) ::operator delete(block, opaque(2 * size));
}

void aligned_then_plain(std::size_t size) { ::operator delete(about(::operator new (size, std::align_val_t{64}))); }

void plain_then_aligned(std::size_t size) { ::operator delete (about(::operator new(size)), std::align_val_t{64}); }

// C23's, which glibc 2.36 does not have: free there.
void free_sized(std::size_t size) {
    char* const block = about(victim(size));
    if (auto* const function = reinterpret_cast<void (*)(void*, std::size_t)>(dlsym(RTLD_DEFAULT, "free_sized")))
        function(block, 2 * size);
    else
        std::free(block);
}

void array_then_single(std::size_t size) { delete static_cast<char*>(about(opaque(new char[size]))); }

void single_then_array(std::size_t size) {
    void* const block = about(::operator new(size));
    ::operator delete[](block);
}

void new_then_free(std::size_t size) {
    std::free(about(::operator new(size)));
    std::free(opaque(new char[size]));
}

void malloc_then_delete(std::size_t size) { ::operator delete(about(victim(size))); }

constexpr kind different[]{
    {"sized_delete_twice_size", [](std::size_t size) { sized_delete(size, 2 * size); }},
    {"sized_delete_half_size", [](std::size_t size) { sized_delete(size, size / 2); }},
    {"sized_delete_one_more", [](std::size_t size) { sized_delete(size, size + 1); }},
    {"sized_delete_one_less", [](std::size_t size) { sized_delete(size, size - 1); }},
    {"aligned_sized_delete_twice_size",
     [](std::size_t size) {
         ::operator delete (about(::operator new (size, std::align_val_t{64})), opaque(2 * size), std::align_val_t{64});
     }},
    {"sized_delete_no_size", [](std::size_t size) { sized_delete(size, 0); }},
    {"sized_delete_huge_size", [](std::size_t size) { sized_delete(size, SIZE_MAX - size); }},
    {"sized_delete_fresh_thread", sized_delete_of_fresh_thread},
    {"sized_delete_many", sized_delete_many},
    {"aligned_new_then_delete", aligned_then_plain},
    {"new_then_aligned_delete", plain_then_aligned},
    {"free_sized_twice_size", free_sized},
    {"new_array_then_delete", array_then_single},
    {"new_then_delete_array", single_then_array},
    {"new_then_free", new_then_free},
    {"malloc_then_delete", malloc_then_delete},
};

// A null pointer, with ENOMEM.
[[noreturn]] void expect_refusal(void* block) { end_refused(opaque(block) == nullptr && errno == ENOMEM); }

template <class Request>
[[noreturn]] void expect_bad_alloc(Request request) {
    try {
        static_cast<void>(opaque(request()));
    } catch (const std::bad_alloc&) {
        end_refused(true);
    }
    end_refused(false);
}

// The block is still whole.
void realloc_negative(std::size_t size) {
    char* const block = own(size);
    const bool is_refused = opaque(std::realloc(block, opaque(-size))) == nullptr && errno == ENOMEM;
    live_on(size);
    end_refused(is_refused);
}

void reallocarray_overflow(std::size_t size) {
    char* const block = own(size);
    const bool is_refused =
        opaque(reallocarray(block, SIZE_MAX / size + 1, opaque(size))) == nullptr && errno == ENOMEM;
    live_on(size);
    end_refused(is_refused);
}

void posix_memalign_odd(std::size_t size) {
    void* block = nullptr;
    end_refused(posix_memalign(&block, opaque(std::size_t{24}), size) == EINVAL && block == nullptr);
}

constexpr kind absurd[]{
    {"malloc_negative", [](std::size_t size) { expect_refusal(std::malloc(opaque(-size))); }},
    {"malloc_half_of_all", [](std::size_t size) { expect_refusal(std::malloc(opaque(SIZE_MAX / 2 + size))); }},
    {"calloc_overflow", [](std::size_t size) { expect_refusal(std::calloc(SIZE_MAX / size + 2, opaque(size))); }},
    {"calloc_wraps_to_small",
     [](std::size_t size) { expect_refusal(std::calloc(SIZE_MAX / 8 + 2, opaque(8 + 0 * size))); }},
    {"realloc_negative", realloc_negative},
    {"reallocarray_overflow", reallocarray_overflow},
    {"aligned_alloc_negative", [](std::size_t size) { expect_refusal(aligned_alloc(64, opaque(-size))); }},
    {"memalign_huge", [](std::size_t size) { expect_refusal(memalign(opaque(SIZE_MAX / 2 + 1), size)); }},
    {"posix_memalign_odd", posix_memalign_odd},
    {"valloc_negative", [](std::size_t size) { expect_refusal(valloc(opaque(-size))); }},
    {"pvalloc_negative", [](std::size_t size) { expect_refusal(pvalloc(opaque(-size))); }},
    {"calloc_negative", [](std::size_t size) { expect_refusal(std::calloc(1, opaque(-size))); }},
    {"posix_memalign_0",
     [](std::size_t size) {
         void* block = nullptr;
         end_refused(posix_memalign(&block, opaque(std::size_t{0}), size) == EINVAL && block == nullptr);
     }},
    {"new_negative", [](std::size_t size) { expect_bad_alloc([=] { return ::operator new(opaque(-size)); }); }},
    {"new_array_negative", [](std::size_t size) { expect_bad_alloc([=] { return ::operator new[](opaque(-size)); }); }},
};

} // namespace

constinit const std::span<const kind> mismatches(different);
constinit const std::span<const kind> absurd_sizes(absurd);

} // namespace misuse
