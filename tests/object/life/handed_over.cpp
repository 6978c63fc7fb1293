// Checked builds: nothing is told where nothing is wrong. Objects and weak references that a dead thread has left, and
// immortal ones.
#include <cstdio>
#include <krait/object.hpp>
#include <thread>

namespace {
struct leaf {
    int x = 0;
};
struct node {
    krait::ref<node> next;
    krait::ref<leaf> own;
};
} // namespace

int main() {
    krait::ref<leaf> left;
    krait::weak<leaf> weak;
    const auto mine = krait::make<leaf>(); // this thread has a heap
    std::thread([&] {
        left = krait::make<leaf>();
        weak = left;
    }).join();
    const auto copy = left;
    const auto weak_copy = weak;
    std::printf("%d\n", weak_copy.lock() == copy);

    const auto root = krait::make<node>();
    root->next = root;
    root->own = krait::make<leaf>();
    krait::freeze_deep(root);
    std::thread([shared = krait::shared<const node>(root)] {
        krait::make<leaf>();
        const krait::ref<node> next = shared->next;
        const krait::ref<leaf> own = next->own;
    }).join();
    std::puts("nothing told");
}
