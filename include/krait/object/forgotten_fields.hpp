// Checked builds: says so when a type seems to have forgotten a field.
//
// After a full run, the memory of every tracked object is searched for addresses of tracked objects that its fields do
// not report. A cursor or a plain pointer looks the same, so this is a hint, given once for a type.
#pragma once

#include <algorithm>
#include <unordered_set>
#include <vector>

#include <krait/object/heap_extras.hpp>
#include <krait/object/visitors.hpp>

namespace krait::detail {

// Templates, so that other builds do not pay for compiling them.
template <class Address = const void*>
void look_for_forgotten(const object_head* head, const std::unordered_set<Address>& tracked, heap_extras& extras) {
    const type_record* const record = record_of(head);
    if (std::count(extras.blamed.begin(), extras.blamed.end(), record) != 0) return;
    std::unordered_set<Address> reported;
    edge_function note([&](object_head* target) { reported.insert(object_of(target)); });
    if (record->visit != nullptr) record->visit(object_of(head), note);
    const char* const object = static_cast<const char*>(object_of(head));
    for (std::size_t at = 0; at + sizeof(void*) <= record->size; at += sizeof(void*)) {
        const void* word;
        __builtin_memcpy(&word, object + at, sizeof word);
        if (tracked.count(word) == 0 || reported.count(word) != 0) continue;
        extras.blamed.push_back(record);
        report_about("a ", record->name,
                     " holds the address of an object that its fields do not report: if it is a ref, list it in "
                     "KRAIT_FIELDS, or its cycles leak; a plain pointer, a cursor or a lambda's `this` is fine");
        return;
    }
}

template <class Address = const void*>
void report_forgotten_fields(gc_links& list, heap_extras& extras) noexcept {
    try {
        std::unordered_set<Address> tracked;
        for_each(list, [&](object_head* head) { tracked.insert(object_of(head)); });
        for_each(list, [&](object_head* head) { look_for_forgotten(head, tracked, extras); });
    } catch (...) {
        return; // no memory: no hints
    }
}

} // namespace krait::detail
