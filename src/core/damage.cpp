#include "core/damage.hpp"

#include "base/check.hpp"

#include <cstdlib>

namespace krait::process {

namespace {

constinit misuse_policy policy = misuse_policy::corruption;

} // namespace

void set_misuse_policy(misuse_policy chosen) noexcept { policy = chosen; }
misuse_policy chosen_misuse_policy() noexcept { return policy; }

void refuse(const char* what, const void* address, std::size_t size) noexcept {
    report(what, address, size);
    if (policy != misuse_policy::report) std::abort();
}

void refuse_damaged(const void* address, std::size_t size) noexcept { refuse("damaged free list", address, size); }

} // namespace krait::process
