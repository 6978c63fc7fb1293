// error: only a base class at the start of the object can be referred to
#include <krait/object.hpp>
struct a {
    int x;
};
struct b {
    int y;
};
struct c : a, b {};
krait::cursor<b> bad(const krait::ref<c>& r) { return r; }
