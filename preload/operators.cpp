// operator new and delete in every form, as the standard defines them on each other.
//
//   new[](n)           calls new(n)            delete[](p)        calls delete(p)
//   new[](n, align)    calls new(n, align)     delete(p, size)    calls delete(p), and so on for every sized form
//   new(n, nothrow)    calls new(n), catches   delete(p, nothrow) calls delete(p)
//
// Beneath them are malloc, aligned_alloc and free, as with libstdc++: where the program has its own (owner.hpp), that
// one serves.
//
//   new(n)             n <= new_at_once ─► this thread's bin                         the fast path, inline
//                      new_slow ─► malloc is krait's ─► the same again, and what it leads to
//                               ─► another's         ─► malloc, through the dynamic symbol
//   delete(p)          free, through the dynamic symbol
//   delete(p, size)    new, delete, malloc and free are all krait's ─► the size is compared with the block's class
//                      else                                         ─► delete(p)
//
// The calls of other forms go through the dynamic symbols, so that a program which replaces one form gets the others to
// follow, as with libstdc++. What needs exceptions (the new-handler, std::bad_alloc, catching for nothrow) is left to
// the next library in link order, the C++ runtime's own: it asks malloc again, which fails again, and does the rest.
#include "base/owned.hpp"
#include "core/process.hpp"
#include "export.hpp"
#include "os/system_allocator.hpp"
#include "owner.hpp"
#include "served.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace process = krait::process;

namespace {

template <class Function>
Function* next(const char* name, const char* what) {
    auto* const function = krait::os::next_definition<Function>(name);
    if (function == nullptr) krait::fatal(what, nullptr);
    return function;
}

// This library's own definitions, whatever the program put in front of them.
#define KRAIT_OWN_NEW(mangled) __attribute__((alias(mangled), visibility("hidden"), malloc, alloc_size(1)))
extern "C" {
void* krait_own_new(std::size_t) KRAIT_OWN_NEW("_Znwm");
void* krait_own_new_array(std::size_t) KRAIT_OWN_NEW("_Znam");
void* krait_own_new_aligned(std::size_t, std::align_val_t) KRAIT_OWN_NEW("_ZnwmSt11align_val_t");
void* krait_own_new_array_aligned(std::size_t, std::align_val_t) KRAIT_OWN_NEW("_ZnamSt11align_val_t");
void krait_own_delete(void*) noexcept KRAIT_OWN("_ZdlPv");
void krait_own_delete_array(void*) noexcept KRAIT_OWN("_ZdaPv");
void krait_own_delete_aligned(void*, std::align_val_t) noexcept KRAIT_OWN("_ZdlPvSt11align_val_t");
void krait_own_delete_array_aligned(void*, std::align_val_t) noexcept KRAIT_OWN("_ZdaPvSt11align_val_t");
}
#undef KRAIT_OWN
#undef KRAIT_OWN_DELETE

using new_function = void*(std::size_t);
using new_aligned_function = void*(std::size_t, std::align_val_t);
using delete_function = void(void*) noexcept;
using delete_aligned_function = void(void*, std::align_val_t) noexcept;

bool new_is_own() { return static_cast<new_function*>(&::operator new) == &krait_own_new; }
bool new_array_is_own() {
    return new_is_own() && static_cast<new_function*>(&::operator new[]) == &krait_own_new_array;
}
bool new_aligned_is_own() { return static_cast<new_aligned_function*>(&::operator new) == &krait_own_new_aligned; }
bool new_array_aligned_is_own() {
    return new_aligned_is_own() &&
           static_cast<new_aligned_function*>(&::operator new[]) == &krait_own_new_array_aligned;
}

bool aligned_alloc_is_own() { return krait::owns_aligned_alloc() && krait::owns_free(); }

// Decided by the first operator that finds nothing decided, and the same for whoever decides. Until then they say no.
constinit krait::owned<std::size_t> new_at_once{0}; // bytes of the largest request that new serves inline
constinit std::atomic<bool> pair_is_own{false};     // a block that such a delete gets came from this library's own new
constinit std::atomic<bool> array_pair_is_own{false};
constinit std::atomic<bool> aligned_pair_is_own{false};
constinit std::atomic<bool> array_aligned_pair_is_own{false};
constinit std::atomic<bool> is_decided{false};

[[gnu::cold, gnu::noinline]] void decide() {
    using std::memory_order_relaxed;
    const bool base = krait::owns_malloc() && krait::owns_free();
    const bool aligned_base = aligned_alloc_is_own();
    const bool pair = base && new_is_own() && static_cast<delete_function*>(&::operator delete) == &krait_own_delete;
    const bool aligned_pair = aligned_base && new_aligned_is_own() &&
                              static_cast<delete_aligned_function*>(&::operator delete) == &krait_own_delete_aligned;
    pair_is_own.store(pair, memory_order_relaxed);
    array_pair_is_own.store(pair && new_array_is_own() &&
                                static_cast<delete_function*>(&::operator delete[]) == &krait_own_delete_array,
                            memory_order_relaxed);
    aligned_pair_is_own.store(aligned_pair, memory_order_relaxed);
    array_aligned_pair_is_own.store(aligned_pair && new_array_aligned_is_own() &&
                                        static_cast<delete_aligned_function*>(&::operator delete[]) ==
                                            &krait_own_delete_array_aligned,
                                    memory_order_relaxed);
    new_at_once.set(krait::owns_malloc() ? process::most_at_once : 0);
    is_decided.store(true, memory_order_relaxed);
}

// What a flag of those above says, decided.
bool says(const std::atomic<bool>& flag) {
    if (KRAIT_LIKELY(flag.load(std::memory_order_relaxed))) return true;
    if (is_decided.load(std::memory_order_relaxed)) return false;
    decide();
    return flag.load(std::memory_order_relaxed);
}

// malloc, whoever owns it.
void* allocate(std::size_t size) {
    if (KRAIT_LIKELY(krait::owns_malloc())) return served::allocate(size);
    return ::malloc(size != 0 ? size : 1);
}

// aligned_alloc, whoever owns it.
void* allocate_aligned(std::size_t size, std::align_val_t wanted) {
    const auto alignment = static_cast<std::size_t>(wanted);
    if (KRAIT_LIKELY(aligned_alloc_is_own())) return served::allocate_aligned(alignment, size);
    const std::size_t rounded = (size + alignment - 1) & ~(alignment - 1); // C11 has it so
    return ::aligned_alloc(alignment, rounded >= size && rounded != 0 ? rounded : size);
}

void deallocate_sized(void* block, std::size_t size, std::align_val_t alignment) {
    served::deallocate_sized(block, served::rounded_for(static_cast<std::size_t>(alignment), size));
}

constexpr const char* no_runtime = "out of memory in operator new, and no C++ runtime is loaded that could say so";

// Out of the way of those whose operators nobody replaced.
[[gnu::cold, gnu::noinline]] void delete_slow(void* block, std::size_t size) {
    says(pair_is_own) ? served::deallocate_sized(label::released<label::of_new>(block), size)
                      : ::operator delete(block);
}

[[gnu::noinline]] void* new_slow(std::size_t size) {
    if (KRAIT_UNLIKELY(!is_decided.load(std::memory_order_relaxed))) decide();
    void* const block = allocate(size);
    if (KRAIT_LIKELY(block != nullptr)) return label::made<label::of_new>(block);
    return label::made<label::of_new>(next<new_function>("_Znwm", no_runtime)(size));
}

} // namespace

KRAIT_EXPORT KRAIT_AT_A_LINE void* operator new(std::size_t size) {
    if (KRAIT_UNLIKELY(new_at_once.is_below(size))) return new_slow(size);
    void* const block = served::allocate_at_once(size);
    return KRAIT_LIKELY(block != nullptr) ? block : new_slow(size);
}

KRAIT_EXPORT void* operator new(std::size_t size, std::align_val_t alignment) {
    void* const block = allocate_aligned(size, alignment);
    if (KRAIT_LIKELY(block != nullptr)) return label::made<label::of_aligned_new>(block);
    return label::made<label::of_aligned_new>(
        next<new_aligned_function>("_ZnwmSt11align_val_t", no_runtime)(size, alignment));
}

KRAIT_EXPORT void* operator new[](std::size_t size) { return label::made<label::of_new_array>(::operator new(size)); }
KRAIT_EXPORT void* operator new[](std::size_t size, std::align_val_t alignment) {
    return label::made<label::of_aligned_new_array>(::operator new(size, alignment));
}

KRAIT_EXPORT void* operator new(std::size_t size, const std::nothrow_t& tag) noexcept {
    void* const block = new_is_own() ? allocate(size) : nullptr;
    if (KRAIT_LIKELY(block != nullptr)) return label::made<label::of_new>(block);
    return next<void*(std::size_t, const std::nothrow_t&)>("_ZnwmRKSt9nothrow_t", no_runtime)(size, tag);
}

KRAIT_EXPORT void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
    void* const block = new_array_is_own() ? allocate(size) : nullptr;
    if (KRAIT_LIKELY(block != nullptr)) return label::made<label::of_new_array>(block);
    return next<void*(std::size_t, const std::nothrow_t&)>("_ZnamRKSt9nothrow_t", no_runtime)(size, tag);
}

KRAIT_EXPORT void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t& tag) noexcept {
    void* const block = new_aligned_is_own() ? allocate_aligned(size, alignment) : nullptr;
    if (KRAIT_LIKELY(block != nullptr)) return label::made<label::of_aligned_new>(block);
    using function = void*(std::size_t, std::align_val_t, const std::nothrow_t&);
    return next<function>("_ZnwmSt11align_val_tRKSt9nothrow_t", no_runtime)(size, alignment, tag);
}

KRAIT_EXPORT void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t& tag) noexcept {
    void* const block = new_array_aligned_is_own() ? allocate_aligned(size, alignment) : nullptr;
    if (KRAIT_LIKELY(block != nullptr)) return label::made<label::of_aligned_new_array>(block);
    using function = void*(std::size_t, std::align_val_t, const std::nothrow_t&);
    return next<function>("_ZnamSt11align_val_tRKSt9nothrow_t", no_runtime)(size, alignment, tag);
}

KRAIT_EXPORT void operator delete(void* block) noexcept { ::free(label::released<label::of_new>(block)); }
KRAIT_EXPORT void operator delete(void* block, std::align_val_t) noexcept {
    ::free(label::released<label::of_aligned_new>(block));
}

KRAIT_EXPORT void operator delete[](void* block) noexcept {
    ::operator delete(label::released<label::of_new_array>(block));
}
KRAIT_EXPORT void operator delete[](void* block, std::align_val_t alignment) noexcept {
    ::operator delete(label::released<label::of_aligned_new_array>(block), alignment);
}

KRAIT_EXPORT KRAIT_AT_A_LINE void operator delete(void* block, std::size_t size) noexcept {
    KRAIT_LIKELY(pair_is_own.load(std::memory_order_relaxed))
    ? served::deallocate_sized(label::released<label::of_new>(block), size) : delete_slow(block, size);
}
KRAIT_EXPORT void operator delete[](void* block, std::size_t size) noexcept {
    says(array_pair_is_own) ? served::deallocate_sized(label::released_whole<label::of_new_array>(block), size)
                            : ::operator delete[](block);
}
KRAIT_EXPORT void operator delete(void* block, std::size_t size, std::align_val_t alignment) noexcept {
    says(aligned_pair_is_own) ? deallocate_sized(label::released<label::of_aligned_new>(block), size, alignment)
                              : ::operator delete(block, alignment);
}
KRAIT_EXPORT void operator delete[](void* block, std::size_t size, std::align_val_t alignment) noexcept {
    says(array_aligned_pair_is_own)
        ? deallocate_sized(label::released_whole<label::of_aligned_new_array>(block), size, alignment)
        : ::operator delete[](block, alignment);
}

KRAIT_EXPORT void operator delete(void* block, const std::nothrow_t&) noexcept { ::operator delete(block); }
KRAIT_EXPORT void operator delete[](void* block, const std::nothrow_t&) noexcept { ::operator delete[](block); }
KRAIT_EXPORT void operator delete(void* block, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    ::operator delete(block, alignment);
}
KRAIT_EXPORT void operator delete[](void* block, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    ::operator delete[](block, alignment);
}
