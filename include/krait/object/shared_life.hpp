// The life of an object that threads share: counts that are atomic, a death that weak references may watch.
//
//   count     == number of shared<T> to the object, what atomic_shared holds in advance included; 0 once it is dead,
//                dying_count while its destructor runs
//   internal  == number of weak_shared<T> to it, + 1 while the object lives; the last one frees the block
// No collector looks at such an object, so its `internal` is free for this. Both saturate, like all counts. An immortal
// object, one that freeze_deep() reached included, has neither of its counts written.
//
//   release_shared() -> the last: die_shared() -> bury_shared()   finalizer -> destructor -> drop_weak()
//                                    too deep: a stand-in waits in the trashcan, because the counts of the object
//                                    itself, where another would keep the next one, are still looked at
#pragma once

#include <atomic>
#include <new>

#include <krait/object/death.hpp>
#include <krait/object/make.hpp>

namespace krait::detail {

using shared_count = std::atomic_ref<std::uint32_t>;

// Adds to a count unless that is, or thereby becomes, immortal.
inline void add_shared(std::uint32_t& counter, std::uint32_t number) noexcept {
    const shared_count count(counter);
    if (is_immortal(count.load(std::memory_order_relaxed))) return;
    if (count.fetch_add(number, std::memory_order_relaxed) > most_references - number) [[unlikely]]
        count.store(immortal_count, std::memory_order_relaxed);
}
// Returns whether these were the last.
inline bool take_off_shared(std::uint32_t& counter, std::uint32_t number) noexcept {
    const shared_count count(counter);
    return !is_immortal(count.load(std::memory_order_relaxed)) &&
           count.fetch_sub(number, std::memory_order_acq_rel) == number;
}
inline bool is_immortal_shared(object_head* head) noexcept {
    return is_immortal(shared_count(head->count).load(std::memory_order_relaxed));
}

inline void retain_weak(object_head* head) noexcept {
    if (!is_immortal_shared(head)) add_shared(head->internal, 1);
}
inline void drop_weak(object_head* head) noexcept {
    if (!is_immortal_shared(head) && take_off_shared(head->internal, 1)) record_of(head)->free_block(head);
}

inline bool retain_if_alive(object_head* head) noexcept {
    const shared_count count(head->count);
    std::uint32_t seen = count.load(std::memory_order_relaxed);
    do {
        if (counts_the_dead(seen)) return false;
        if (is_immortal(seen)) return true;
    } while (!count.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire, std::memory_order_relaxed));
    return true;
}

inline void bury_shared(object_head* head) noexcept {
    const type_record* const record = record_of(head);
    const shared_count count(head->count);
    if (record->finalize != nullptr && (head->word & finalized_bit) == 0) {
        head->word |= finalized_bit;
        count.store(1, std::memory_order_release); // whoever locks a weak reference now brings the object back
        record->finalize(object_of(head));
        if (count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    }
    count.store(dying_count, std::memory_order_relaxed);
    record->destroy(head);
}

// Waits in the trashcan for another object.
struct stand_in {
    object_head head;
    object_head* waiting;

    static object_head* bury(object_head* head) noexcept {
        auto* const self = reinterpret_cast<stand_in*>(head);
        object_head* const dead = self->waiting;
        delete self;
        bury_shared(dead);
        return nullptr;
    }
    static constexpr type_record make_record() {
        type_record record{};
        record.name = "a stand-in";
        record.destroy = bury;
        return record;
    }
};
inline constexpr type_record stand_in_record = stand_in::make_record();

// False if there is no memory to wait in.
inline bool put_off(heap& h, object_head* head) noexcept {
    const std::uint64_t word = reinterpret_cast<std::uintptr_t>(&stand_in_record) | place_mask;
    auto* const entry = new (std::nothrow) stand_in{{0, 0, word}, head};
    if (entry == nullptr) return false;
    wait(&entry->head, h.later);
    h.later = &entry->head;
    return true;
}

// As die(), of which it is the counterpart.
inline void die_shared(object_head* head) noexcept {
    heap& h = this_heap();
    if (h.nesting >= trashcan_depth && put_off(h, head)) return;
    ++h.nesting;
    bury_shared(head);
    if (--h.nesting == 0 && h.later != nullptr) empty_trashcan(h);
}

inline void retain_shared(object_head* head, std::uint32_t number = 1) noexcept { add_shared(head->count, number); }
inline void release_shared(object_head* head, std::uint32_t number = 1) noexcept {
    if (take_off_shared(head->count, number)) die_shared(head);
}

// What the layer knows about the T's that threads share: a plain T's record, but for the end.
template <class T>
struct shared_record_for {
    static object_head* destroy(object_head* head) noexcept {
        record_for<T>::at(object_of(head)).~T();
        if (shared_count(head->count).load(std::memory_order_relaxed) == dying_count) [[likely]]
            drop_weak(head);
        else
            report_about("a reference to an object of type ", type_name<T>(), " outlives its destructor; memory kept");
        return nullptr;
    }
    static void free_block(object_head* head) noexcept { freelist<T>::put(record_for<T>::block_of(head)); }

    static constexpr type_record make_record() {
        type_record record = record_for<T>::make_record();
        record.destroy = destroy;
        record.free_block = free_block;
        return record;
    }
};
template <class T>
inline constexpr type_record shared_record = shared_record_for<T>::make_record();

// Makes a new object, which has one reference, one that threads may share.
template <class T>
void begin_sharing(object_head* head) {
    if constexpr (checked) {
        [[maybe_unused]] static const bool known = (know(&shared_record<T>), true);
    }
    head->word = (head->word & place_mask) | reinterpret_cast<std::uintptr_t>(&shared_record<T>); // no thread's own
    head->internal = 1;
}

} // namespace krait::detail
