// A program replaces some of the C++ operators, those of the mask REPLACED (bits as numbered in forms.hpp). The others
// must go on calling each other as the standard library's defaults do, so that they arrive at the replacement.
#include "../../support/hazard.hpp"
#include "forms.hpp"
#include <malloc.h>
#include <new>

using namespace hazard;

namespace {

constexpr std::size_t size = 100;
constexpr std::align_val_t alignment{64};
std::size_t calls[forms];
bool refuse = false;

constexpr bool is_replaced(form which) { return REPLACED >> which & 1; }

[[maybe_unused]] void* take(form which, std::size_t bytes, std::align_val_t align = std::align_val_t{16}) {
    ++calls[which];
    return refuse ? nullptr : memalign(static_cast<std::size_t>(align), bytes);
}

[[maybe_unused]] void* take_or_throw(form which, std::size_t bytes, std::align_val_t align = std::align_val_t{16}) {
    if (void* p = take(which, bytes, align)) return p;
    throw std::bad_alloc();
}

[[maybe_unused]] void give(form which, void* p) noexcept {
    ++calls[which];
    std::free(p);
}

} // namespace

#if REPLACED >> 0 & 1
void* operator new(std::size_t n) { return take_or_throw(new_plain, n); }
#endif
#if REPLACED >> 1 & 1
void* operator new[](std::size_t n) { return take_or_throw(new_array, n); }
#endif
#if REPLACED >> 2 & 1
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return take(new_nothrow, n); }
#endif
#if REPLACED >> 3 & 1
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return take(new_array_nothrow, n); }
#endif
#if REPLACED >> 4 & 1
void* operator new(std::size_t n, std::align_val_t a) { return take_or_throw(new_aligned, n, a); }
#endif
#if REPLACED >> 5 & 1
void* operator new[](std::size_t n, std::align_val_t a) { return take_or_throw(new_array_aligned, n, a); }
#endif
#if REPLACED >> 6 & 1
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return take(new_aligned_nothrow, n, a);
}
#endif
#if REPLACED >> 7 & 1
void* operator new[](std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return take(new_array_aligned_nothrow, n, a);
}
#endif
#if REPLACED >> 8 & 1
void operator delete(void* p) noexcept { give(delete_plain, p); }
#endif
#if REPLACED >> 9 & 1
void operator delete[](void* p) noexcept { give(delete_array, p); }
#endif
#if REPLACED >> 10 & 1
void operator delete(void* p, std::size_t) noexcept { give(delete_sized, p); }
#endif
#if REPLACED >> 11 & 1
void operator delete[](void* p, std::size_t) noexcept { give(delete_array_sized, p); }
#endif
#if REPLACED >> 12 & 1
void operator delete(void* p, const std::nothrow_t&) noexcept { give(delete_nothrow, p); }
#endif
#if REPLACED >> 13 & 1
void operator delete[](void* p, const std::nothrow_t&) noexcept { give(delete_array_nothrow, p); }
#endif
#if REPLACED >> 14 & 1
void operator delete(void* p, std::align_val_t) noexcept { give(delete_aligned, p); }
#endif
#if REPLACED >> 15 & 1
void operator delete[](void* p, std::align_val_t) noexcept { give(delete_array_aligned, p); }
#endif
#if REPLACED >> 16 & 1
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give(delete_sized_aligned, p); }
#endif
#if REPLACED >> 17 & 1
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { give(delete_array_sized_aligned, p); }
#endif
#if REPLACED >> 18 & 1
void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept { give(delete_aligned_nothrow, p); }
#endif
#if REPLACED >> 19 & 1
void operator delete[](void* p, std::align_val_t, const std::nothrow_t&) noexcept {
    give(delete_array_aligned_nothrow, p);
}
#endif

namespace {

void* call_new(form which) {
    switch (which) {
    case new_plain:
        return ::operator new(size);
    case new_array:
        return ::operator new[](size);
    case new_nothrow:
        return ::operator new(size, std::nothrow);
    case new_array_nothrow:
        return ::operator new[](size, std::nothrow);
    case new_aligned:
        return ::operator new(size, alignment);
    case new_array_aligned:
        return ::operator new[](size, alignment);
    case new_aligned_nothrow:
        return ::operator new(size, alignment, std::nothrow);
    default:
        return ::operator new[](size, alignment, std::nothrow);
    }
}

void call_delete(form which, void* p) {
    switch (which) {
    case delete_plain:
        return ::operator delete(p);
    case delete_array:
        return ::operator delete[](p);
    case delete_sized:
        return ::operator delete(p, size);
    case delete_array_sized:
        return ::operator delete[](p, size);
    case delete_nothrow:
        return ::operator delete(p, std::nothrow);
    case delete_array_nothrow:
        return ::operator delete[](p, std::nothrow);
    case delete_aligned:
        return ::operator delete(p, alignment);
    case delete_array_aligned:
        return ::operator delete[](p, alignment);
    case delete_sized_aligned:
        return ::operator delete(p, size, alignment);
    case delete_array_sized_aligned:
        return ::operator delete[](p, size, alignment);
    case delete_aligned_nothrow:
        return ::operator delete(p, alignment, std::nothrow);
    default:
        return ::operator delete[](p, alignment, std::nothrow);
    }
}

// The operator at which a call of `which` ends: the first replaced one on its way, or a default.
form destination(form which) {
    while (!is_replaced(which) && forwards_to[which] != which) which = forwards_to[which];
    return which;
}

void check_calls(form which) {
    const form reached = destination(which);
    for (std::size_t i = 0; i < forms; ++i) {
        CHECK(calls[i] == (i == reached && is_replaced(reached)));
        calls[i] = 0;
    }
}

bool is_nothrow(form which) {
    return which == new_nothrow || which == new_array_nothrow || which == new_aligned_nothrow ||
           which == new_array_aligned_nothrow;
}

// A replacement that has no memory: nothrow forms answer null, the others throw.
void check_refusal(form which) {
    if (!is_replaced(destination(which))) return;
    refuse = true;
    bool thrown = false;
    try {
        CHECK(!call_new(which));
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    refuse = false;
    CHECK(thrown == !is_nothrow(which));
    check_calls(which);
}

} // namespace

int main() {
    for (std::size_t i = new_plain; i < delete_plain; ++i) {
        const auto which = static_cast<form>(i);
        void* p = call_new(which);
        CHECK(p);
        fill(p, size, i);
        check_calls(which);
        CHECK(filled(p, size, i));
        std::free(p);
        check_refusal(which);
    }
    for (std::size_t i = delete_plain; i < forms; ++i) {
        const auto which = static_cast<form>(i);
        call_delete(which, opaque(which < delete_aligned ? std::malloc(size) : memalign(64, size)));
        check_calls(which);
        call_delete(which, opaque<void*>(nullptr));
        check_calls(which);
    }
}
