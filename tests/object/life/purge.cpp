// A full collection, and only that, asks krait's allocator to give its free memory back, if it is there.
#include <cstdio>
#include <krait/object.hpp>
#include <thread>

namespace {
int purges = 0;
}

std::size_t krait_collect(void) {
    ++purges;
    return 0;
}

int main() {
    krait::make<int>(1);
    krait::gc::collect(0);
    krait::gc::collect(1);
    const int before = purges;
    krait::gc::collect();
    std::thread([] { krait::make<int>(1); }).join();
    std::printf("purges: %d, then %d\n", before, purges);
}
