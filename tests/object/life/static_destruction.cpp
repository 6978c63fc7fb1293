// Statics that hold objects are destroyed after the main thread's heap has closed: they, and objects made by their
// destructors, are plain reference counted.
#include <cstdio>
#include <krait/object.hpp>

namespace {

struct node {
    krait::ref<node> peer;
    const char* name = "";
    explicit node(const char* n) : name(n) {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node() { std::printf("%s destroyed\n", name); }
    KRAIT_FIELDS(peer);
};

struct holder {
    krait::ref<node> kept;
    krait::weak<node> watched;
    ~holder() {
        std::printf("static holder destroyed, tracked: %d\n", krait::gc::is_tracked(kept));
        const auto late = krait::make<node>("late node");
        late->peer = kept;
        krait::gc::collect();
        krait::gc::disable();
        krait::gc::set_debug(0);
        const krait::interned text("late");
        const krait::integer number(5);
    }
};

holder first;

} // namespace

int main() {
    static holder second;
    first.kept = krait::make<node>("node");
    first.watched = krait::weak<node>(first.kept, [](krait::weak<node>&) { std::puts("callback"); });
    second.kept = krait::make<node>("other node");
    const auto cycle = krait::make<node>("cycle");
    cycle->peer = cycle;
}
