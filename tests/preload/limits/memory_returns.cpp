// A limit is set on a running process and lifted again. In between requests fail with ENOMEM (or come from what the
// process already had); afterwards there is memory again. Limits on data and on the address space.
#include "exhaustion.hpp"
#include <sys/resource.h>

namespace {

constexpr std::size_t room = 16 << 20;

// The limit in bytes of what the process has now and `room` more.
rlimit tight(int field) {
    if (field == RLIMIT_AS) return {hazard::memory().virtual_kib * 1024 + room, RLIM_INFINITY};
    return {hazard::memory().resident_kib * 1024 + room, RLIM_INFINITY};
}

void limit_and_lift(__rlimit_resource resource, std::size_t size) {
    rlimit before;
    CHECK(getrlimit(resource, &before) == 0);
    rlimit limit = tight(resource);
    limit.rlim_max = before.rlim_max;
    CHECK(setrlimit(resource, &limit) == 0);
    auto* list = hazard::exhaust(size, std::malloc);
    CHECK((errno = 0, !std::malloc(hazard::opaque(room * 4)) && errno == ENOMEM));
    CHECK(setrlimit(resource, &before) == 0);
    for (int i = 0; i < 1000; ++i) {
        auto* block = static_cast<hazard::taken_block*>(std::malloc(size));
        CHECK(block);
        hazard::fill(block, size, size);
        *block = {list, size};
        list = block;
    }
    void* large = std::malloc(hazard::opaque(room * 4));
    CHECK(large);
    std::free(large);
    hazard::release(list);
}

} // namespace

int main() {
    for (std::size_t size : {48u, 512u, 5000u}) {
        limit_and_lift(RLIMIT_DATA, size);
        if (size > 512)
            limit_and_lift(RLIMIT_AS, size); // a range reserved before the limit may still serve small blocks
    }
}
