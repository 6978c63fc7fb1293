// error: makes objects of complete, unqualified, non-array types
#include <krait/object.hpp>
auto bad() { return krait::make<const int>(1); }
