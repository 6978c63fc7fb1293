// error: what a std::function captures cannot be seen
#include <krait/object.hpp>
krait::function<int()> bad(std::function<int()> f) { return f; }
