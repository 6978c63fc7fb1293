// Checked builds: a value's destructor collects while the container that it is in, inside an object, clears itself.
#include <csignal>
#include <cstring>
#include <krait/object.hpp>
#include <list>
#include <map>
#include <unistd.h>
#include <vector>

namespace {
struct thing {
    krait::ref<thing> next;
};
struct value {
    krait::ref<thing> held = krait::make<thing>();
    value() = default;
    value(value&&) = default;
    value& operator=(value&&) = default;
    ~value() {
        if (held) krait::gc::collect();
    }
    KRAIT_FIELDS(held);
};
struct holder {
    std::vector<value> vector;
    std::list<value> list;
    std::map<int, value> map;
    krait::ref<holder> self;
};
} // namespace

int main(int, char** arguments) {
    std::signal(SIGABRT, [](int) { _exit(0); });
    const auto is = [&](const char* name) { return std::strcmp(arguments[1], name) == 0; };
    const auto h = krait::make<holder>();
    h->vector.resize(5);
    h->list.resize(5);
    for (int i = 0; i < 5; ++i) h->map[i];
    if (is("vector")) h->vector.clear();
    if (is("list")) h->list.clear();
    if (is("map")) h->map.clear();
    return 1;
}
