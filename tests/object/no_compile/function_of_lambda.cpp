// error: use krait::closure
#include <krait/object.hpp>
krait::function<int()> bad(krait::ref<int> r) {
    return [r] { return *r; };
}
