// The free list of a type: where make<T>() finds a block, and a dead T leaves one. What is rare is compiled once for
// all types.
#pragma once

#include <cstddef>
#include <dlfcn.h>
#include <new>

#include <krait/object/freelist_base.hpp>
#include <krait/object/heap.hpp>
#include <krait/object/made.hpp>
#include <krait/object/type_record.hpp>

namespace krait::detail {

void start_up(heap& h); // lifetime.hpp

// Code that owns type records must stay as long as its objects: a shared library that makes objects cannot be unloaded.
inline void keep_loaded(const void* address) noexcept {
    Dl_info info;
    if (dladdr(address, &info) == 0 || info.dli_fname == nullptr || info.dli_fname[0] == '\0') return;
    dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

inline void* new_block(const type_record& record) {
    const std::size_t size = std::size_t{record.offset} + record.size;
    if (record.alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
        return ::operator new (size, std::align_val_t{record.alignment});
    return ::operator new(size);
}
// Out of line: what is left of it in each type's death is a jump.
[[gnu::noinline]] inline void delete_block(const type_record& record, void* block) noexcept {
    if (record.alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
        return ::operator delete (block, std::align_val_t{record.alignment});
#ifdef __cpp_sized_deallocation
    ::operator delete (block, std::size_t{record.offset} + record.size);
#else
    ::operator delete(block);
#endif
}

inline void freelist_base::clear() noexcept {
    while (top != nullptr) {
        parked* const block = top;
        top = block->next;
        delete_block(*record, block);
    }
    size = 0;
}

// The first use of a type's list in this thread.
[[gnu::cold, gnu::noinline]] inline void enroll(freelist_base& list, const type_record& record) {
    heap& h = this_heap();
    if (!h.started) start_up(h);
    know(&record); // may throw: before anything is changed
    list.record = &record;
    list.limit = h.closed ? 0 : record.kept;
    list.next_list = h.freelists;
    h.freelists = &list;
    keep_loaded(&record);
}
[[gnu::noinline]] inline void* take_slow(freelist_base& list, const type_record& record) {
    if (list.record == nullptr) enroll(list, record);
    return new_block(record);
}

template <class T>
const type_record& record_of_type() noexcept; // make.hpp

// What the types do not share is the fast path.
template <class T>
struct freelist {
    static inline constinit thread_local freelist_base list{};

    static void* take() {
        if (list.top != nullptr) [[likely]]
            return list.pop();
        return take_slow(list, record_of_type<T>());
    }
    static void put(void* block) noexcept {
        if (list.size < list.limit) [[likely]]
            list.push(block);
        else
            delete_block(record_of_type<T>(), block);
    }
};

} // namespace krait::detail
