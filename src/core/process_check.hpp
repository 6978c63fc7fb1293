// The check of the whole process's allocator, for krait_check and tests.
#pragma once

#include "base/findings.hpp"

namespace krait::process {

// Compares every pool, list, count and mask with each other, this thread's cache and the depot included; other
// threads' caches belong to them. Keeps every other thread out of krait's own code meanwhile. Finds nothing where one
// stays inside, as its signal handler does not return.
void check(findings& found) noexcept;

} // namespace krait::process
