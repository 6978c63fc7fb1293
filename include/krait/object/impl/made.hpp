// The addresses that checked builds know.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_set>

#include <krait/object/made.hpp>

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

KRAIT_OBJECT_DECL void add_known(const void* address) {
    known_addresses& known = known_addresses::get();
    const std::lock_guard guard(known.lock);
    known.addresses.insert(reinterpret_cast<std::uintptr_t>(address));
}
KRAIT_OBJECT_DECL void forget_known(const void* address) noexcept {
    known_addresses& known = known_addresses::get();
    const std::lock_guard guard(known.lock);
    known.addresses.erase(reinterpret_cast<std::uintptr_t>(address));
}

// What is in front of the object may be anybody's, and is read all the same.
[[gnu::noinline, gnu::no_sanitize_address]] inline std::uint64_t word_before(const object_head* head) noexcept {
    return head->word;
}
KRAIT_OBJECT_DECL void check_known(const volatile void* object) noexcept {
    const std::uint64_t address = word_before(head_of(object)) & address_mask;
    known_addresses& known = known_addresses::get();
    const std::lock_guard guard(known.lock);
    if (known.addresses.count(address) == 0)
        fail("a reference was made to an object that make() did not make (one on the stack, in another object or by "
             "new), or to a base class that is not at the start of its object");
}

} // namespace krait::detail
