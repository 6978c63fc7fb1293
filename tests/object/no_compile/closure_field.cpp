// error: use krait::closure
#include <krait/object.hpp>
template <class F>
struct caller {
    F f;
};
auto bad(krait::ref<int> r) {
    auto f = [r] { return *r; };
    return krait::make<caller<decltype(f)>>(f);
}
