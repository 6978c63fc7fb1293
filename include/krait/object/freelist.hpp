// The free list of a type: where make<T>() finds a block, and a dead T leaves one.
#pragma once

#include <dlfcn.h>
#include <new>

#include <krait/object/freelist_base.hpp>
#include <krait/object/heap.hpp>
#include <krait/object/type_record.hpp>

namespace krait::detail {

void start_up(heap& h);

// Code that owns type records must stay as long as its objects: a shared library that makes objects cannot be unloaded.
inline void keep_loaded(const void* address) noexcept {
    Dl_info info;
    if (dladdr(address, &info) == 0 || info.dli_fname == nullptr || info.dli_fname[0] == '\0') return;
    dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

template <class T>
struct record_for;

template <class T>
struct freelist {
    static constexpr std::uint32_t limit = KRAIT_FREELISTS ? freelist_limit<T> : 0;
    static inline constinit thread_local freelist_base list{};

    static void* take() {
        if (list.top != nullptr) [[likely]]
            return list.pop();
        return take_slow();
    }

    static void put(void* block) noexcept {
        if (list.size < list.limit) [[likely]]
            list.push(block);
        else
            give_back(block);
    }

  private:
    [[gnu::noinline]] static void* take_slow() {
        if (list.give_back == nullptr) enroll();
        if constexpr (record_for<T>::alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
            return ::operator new (record_for<T>::block_size, std::align_val_t{record_for<T>::alignment});
        else
            return ::operator new(record_for<T>::block_size);
    }

    static void give_back(void* block) noexcept {
        if constexpr (record_for<T>::alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
            ::operator delete (block, std::align_val_t{record_for<T>::alignment});
        else
#ifdef __cpp_sized_deallocation
            ::operator delete(block, record_for<T>::block_size);
#else
            ::operator delete(block);
#endif
    }

    static void enroll() {
        heap& h = this_heap();
        if (!h.started) start_up(h);
        list.type = type_name<T>();
        list.give_back = give_back;
        list.limit = h.closed ? 0 : limit;
        list.next_list = h.freelists;
        h.freelists = &list;
        static const bool kept = (keep_loaded(reinterpret_cast<const void*>(&give_back)), true);
        (void)kept;
    }
};

} // namespace krait::detail
