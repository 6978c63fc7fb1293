// error: give closure.. what it captures
#include <krait/object.hpp>
auto bad(krait::ref<int> r) {
    return krait::closure([r] { return *r; });
}
