// What is rare about free lists, compiled once for all types.
#pragma once

#include <dlfcn.h>
#include <new>

#include <krait/object/freelist.hpp>

namespace krait::detail {

void start_up(heap& h); // lifetime.hpp

KRAIT_OBJECT_DECL void keep_loaded(const void* address) noexcept {
    Dl_info info;
    if (dladdr(address, &info) == 0 || info.dli_fname == nullptr || info.dli_fname[0] == '\0') return;
    dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}
KRAIT_OBJECT_DECL void* new_block(const type_record& record) {
    const std::size_t size = std::size_t{record.offset} + record.size;
    if (record.alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
        return ::operator new (size, std::align_val_t{record.alignment});
    return ::operator new(size);
}
// Out of line: what is left of it in each type's death is a jump.
[[gnu::noinline]] KRAIT_OBJECT_DECL void delete_block(const type_record& record, void* block) noexcept {
    if (record.alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
        return ::operator delete (block, std::align_val_t{record.alignment});
#ifdef __cpp_sized_deallocation
    ::operator delete (block, std::size_t{record.offset} + record.size);
#else
    ::operator delete(block);
#endif
}
KRAIT_OBJECT_DECL void freelist_base::clear() noexcept {
    while (top != nullptr) {
        parked* const block = top;
        top = block->next;
        delete_block(*record, block);
    }
    size = 0;
}
[[gnu::noinline]] KRAIT_OBJECT_DECL void enroll(freelist_base& list, const type_record& record) {
    heap& h = this_heap();
    if (!h.started) start_up(h);
    know(&record); // may throw: before anything is changed
    list.record = &record;
    list.limit = h.closed ? 0 : record.kept;
    list.next_list = h.freelists;
    h.freelists = &list;
    keep_loaded(&record);
}
[[gnu::noinline]] KRAIT_OBJECT_DECL void* take_slow(freelist_base& list, const type_record& record) {
    if (list.record == nullptr) enroll(list, record);
    return new_block(record);
}

} // namespace krait::detail
