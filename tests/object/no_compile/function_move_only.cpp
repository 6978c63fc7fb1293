// error: a function is copied with what it captures
#include <krait/object.hpp>
krait::function<int()> bad(std::unique_ptr<int> p) {
    return krait::closure([](std::unique_ptr<int>& n) { return *n; }, std::move(p));
}
