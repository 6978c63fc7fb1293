// error: only a base class at the start of the object can be referred to
#include <krait/object.hpp>
struct a {
    int x;
};
struct b {
    int y;
};
struct c : a, b {};
auto bad(const krait::ref<c>& r) { return krait::static_ref_cast<b>(r); }
