// Checked builds: ref_to() of what make() did not make, and a cast that does not lead to the start of an object.
#include <csignal>
#include <cstring>
#include <krait/object.hpp>
#include <memory>
#include <unistd.h>

namespace {
struct node {
    krait::ref<node> next;
    long values[4] = {};
};
struct outer {
    long first = 0;
    node inner;
};
struct left {
    virtual ~left() = default;
};
struct right {
    virtual ~right() = default;
};
struct both : left, right {
    KRAIT_FIELDS();
};
} // namespace

int main(int, char** arguments) {
    std::signal(SIGABRT, [](int) { _exit(0); });
    const auto is = [&](const char* name) { return std::strcmp(arguments[1], name) == 0; };
    auto made = krait::make<node>();
    made->next = krait::ref_to(*made);
    const krait::weak<node> watched = made;
    made->next = krait::ref_to(*made); // by way of its cell
    made->next.reset();
    if (is("stack")) {
        node on_stack = *made;
        krait::ref_to(on_stack);
    }
    if (is("heap")) krait::ref_to(*std::make_unique<node>());
    if (is("inside")) krait::ref_to(krait::make<outer>()->inner);
    if (is("cross_cast")) krait::dynamic_ref_cast<right>(krait::ref<left>(krait::make<both>()));
    return 1;
}
