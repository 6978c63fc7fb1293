// error: or some that cannot be counted: write KRAIT_FIELDS
#include <krait/object.hpp>
#include <mutex>
struct wants_argument {
    std::string text;
    explicit wants_argument(int) {}
    KRAIT_FIELDS();
};
struct node {
    std::mutex lock;         // takes {} only
    wants_argument value{1}; // takes anything but {}
    krait::ref<node> next;
};
auto bad() { return krait::make<node>(); }
