// A thread that ends with a live heap: its garbage is collected, what others hold lives on.
#include <cstdio>
#include <krait/object.hpp>
#include <thread>

namespace {

struct node {
    krait::ref<node> peer;
    const char* says;
    explicit node(const char* s) : says(s) {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node() { std::puts(says); }
    KRAIT_FIELDS(peer);
};

} // namespace

int main() {
    krait::ref<node> survivor;
    std::thread([&] {
        const auto cycle = krait::make<node>("thread's cycle collected");
        cycle->peer = cycle;
        survivor = krait::make<node>("survivor died");
        krait::finalize at_end(survivor, [] { std::puts("finalize at the thread's end"); });
    }).join();
    std::printf("survivor alive, tracked: %d\n", krait::gc::is_tracked(survivor));
    survivor.reset();
}
