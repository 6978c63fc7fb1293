// The free list of a type: where make<T>() finds a block, and a dead T leaves one. What is rare is compiled once for
// all types.
#pragma once

#include <cstddef>

#include <krait/object/freelist_base.hpp>
#include <krait/object/heap.hpp>
#include <krait/object/made.hpp>
#include <krait/object/type_record.hpp>

namespace krait::detail {

// Code that owns type records must stay as long as its objects: a shared library that makes objects cannot be unloaded.
void keep_loaded(const void* address) noexcept;
void* new_block(const type_record& record);
void delete_block(const type_record& record, void* block) noexcept;
// Code that owns type records must stay as long as its objects: a shared library that makes objects cannot be unloaded.
void keep_loaded(const void* address) noexcept;

// The first use of a type's list in this thread.
[[gnu::cold]] void enroll(freelist_base& list, const type_record& record);
void* take_slow(freelist_base& list, const type_record& record);

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

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/freelist.hpp>
#endif
