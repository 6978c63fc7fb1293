// atomic_shared<T>: a shared<T> that threads read and replace at the same time, without a lock. One word.
//
// Reading a pointer and adding to the count behind it are two steps, between which another thread may replace the
// pointer and let the object die. So an atomic_shared holds many references to its object in advance, and a reader
// takes one of them by the same instruction that reads the pointer:
//
//   word == address (bits 0-47) | references handed out (48-63)
//   references that this word owns == in_store - references handed out       of a null word: none
// A reader that finds half of them handed out adds as many to the object's count and takes them off the word; who
// replaces the word returns what is left. Up to in_store / 2 threads may be inside load() at a time.
//
// The price: use_count() of the object counts the store, and 2^31 / in_store atomics of one object make it immortal.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <krait/object/shared.hpp>

namespace krait {

template <class T>
class atomic_shared {
  public:
    using value_type = shared<T>;
    static constexpr bool is_always_lock_free = true;

    constexpr atomic_shared() noexcept = default;
    atomic_shared(shared<T> initial) noexcept : word_(store_of(initial)) {}
    atomic_shared(const atomic_shared&) = delete;
    atomic_shared& operator=(const atomic_shared&) = delete;
    ~atomic_shared() { give_back(word_.load(std::memory_order_acquire)); }

    bool is_lock_free() const noexcept { return true; }

    shared<T> load() const noexcept {
        if (object_in(word_.load(std::memory_order_seq_cst)) == nullptr) return {};
        const std::uint64_t seen = word_.fetch_add(one_handed_out, std::memory_order_seq_cst) + one_handed_out;
        if (object_in(seen) == nullptr) return {};
        if (handed_out(seen) >= in_store / 2) [[unlikely]]
            fill_up(seen);
        return detail::shared_access::adopt(object_in(seen));
    }
    operator shared<T>() const noexcept { return load(); }

    void store(shared<T> desired) noexcept { exchange(std::move(desired)); }
    void operator=(shared<T> desired) noexcept { exchange(std::move(desired)); }

    shared<T> exchange(shared<T> desired) noexcept {
        return take_out(word_.exchange(store_of(desired), std::memory_order_seq_cst));
    }

    // Replaces what this refers to if that is `expected`, the same object; otherwise makes that `expected`.
    bool compare_exchange_strong(shared<T>& expected, shared<T> desired) noexcept {
        const std::uint64_t next = store_of(desired);
        for (;;) {
            std::uint64_t seen = word_.load(std::memory_order_seq_cst);
            while (object_in(seen) == expected.get()) {
                if (!word_.compare_exchange_weak(seen, next, std::memory_order_seq_cst)) continue;
                give_back(seen);
                return true;
            }
            shared<T> found = load();
            if (found == expected) continue; // it has come back meanwhile
            give_back(next);
            expected = std::move(found);
            return false;
        }
    }
    bool compare_exchange_weak(shared<T>& expected, shared<T> desired) noexcept {
        return compare_exchange_strong(expected, std::move(desired));
    }

    // Returns once this refers to something else than `old`, of which notify_one() or notify_all() told.
    void wait(const shared<T>& old) const noexcept {
        for (;;) {
            const std::uint64_t seen = word_.load(std::memory_order_seq_cst);
            if (object_in(seen) != old.get()) return;
            word_.wait(seen, std::memory_order_seq_cst); // also returns when a reader has changed the upper bits
        }
    }
    void notify_one() noexcept { word_.notify_one(); }
    void notify_all() noexcept { word_.notify_all(); }

  private:
    static constexpr std::uint32_t in_store = 4096;
    static constexpr int handed_out_shift = 48;
    static constexpr std::uint64_t one_handed_out = std::uint64_t{1} << handed_out_shift;

    static T* object_in(std::uint64_t word) noexcept { return detail::address_in<T>(word); }
    static std::uint32_t handed_out(std::uint64_t word) noexcept {
        return static_cast<std::uint32_t>(word >> handed_out_shift);
    }

    // A word for the object, whose one reference it takes over.
    static std::uint64_t store_of(shared<T>& reference) noexcept {
        T* const object = detail::shared_access::detach(reference);
        if (object != nullptr) detail::retain_shared(detail::head_of(object), in_store - 1);
        return reinterpret_cast<std::uintptr_t>(object);
    }
    static void give_back(std::uint64_t word, std::uint32_t kept = 0) noexcept {
        if (T* const object = object_in(word))
            detail::release_shared(detail::head_of(object), in_store - handed_out(word) - kept);
    }
    static shared<T> take_out(std::uint64_t word) noexcept {
        give_back(word, 1);
        return detail::shared_access::adopt(object_in(word));
    }

    // The caller has a reference, so the object lives.
    [[gnu::noinline]] void fill_up(std::uint64_t seen) const noexcept {
        T* const object = object_in(seen);
        while (object_in(seen) == object && handed_out(seen) >= in_store / 2) {
            const std::uint32_t missing = handed_out(seen);
            detail::retain_shared(detail::head_of(object), missing);
            if (word_.compare_exchange_weak(seen, reinterpret_cast<std::uintptr_t>(object), std::memory_order_seq_cst))
                return;
            detail::release_shared(detail::head_of(object), missing);
        }
    }

    mutable std::atomic<std::uint64_t> word_{0};
};

namespace detail {
template <class T>
inline constexpr field_kind kind_of<std::atomic<shared<T>>> = field_kind::shared_place;
}

} // namespace krait

// The same by its standard name.
template <class T>
struct std::atomic<krait::shared<T>> : krait::atomic_shared<T> {
    using krait::atomic_shared<T>::atomic_shared;
    using krait::atomic_shared<T>::operator=;
};
