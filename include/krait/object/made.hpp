// Checked builds: whether an address is that of an object that make() made.
//
// In front of such an object is a head, whose word has the address of a record or of a cell, and all of those are known
// here. In front of any other object is something else: what is there is looked at, but not followed.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_set>

#include <krait/object/head.hpp>
#include <krait/object/report.hpp>

namespace krait::detail {

// Never destroyed: objects are made and dropped until the very end.
struct known_addresses {
    std::mutex lock;
    std::unordered_set<std::uint64_t> addresses;

    [[gnu::visibility("default")]] static known_addresses& get() {
        static known_addresses* const known = new known_addresses;
        return *known;
    }
};

// A record, or a cell, from now on.
inline void know([[maybe_unused]] const void* address) {
    if constexpr (checked) {
        known_addresses& known = known_addresses::get();
        const std::lock_guard guard(known.lock);
        known.addresses.insert(reinterpret_cast<std::uintptr_t>(address));
    }
}
inline void forget_address([[maybe_unused]] const void* address) noexcept {
    if constexpr (checked) {
        known_addresses& known = known_addresses::get();
        const std::lock_guard guard(known.lock);
        known.addresses.erase(reinterpret_cast<std::uintptr_t>(address));
    }
}

// What is in front of the object may be anybody's, and is read all the same.
[[gnu::noinline, gnu::no_sanitize_address]] inline std::uint64_t word_before(const object_head* head) noexcept {
    return head->word;
}

inline void check_made([[maybe_unused]] const volatile void* object) noexcept {
    if constexpr (checked) {
        if (object == nullptr) return;
        const std::uint64_t address = word_before(head_of(object)) & address_mask;
        known_addresses& known = known_addresses::get();
        const std::lock_guard guard(known.lock);
        if (known.addresses.count(address) == 0)
            fail(
                "a reference was made to an object that make() did not make (one on the stack, in another object or by "
                "new), or to a base class that is not at the start of its object");
    }
}

} // namespace krait::detail
