// error: return a value that can be copied and assigned, a pointer instead of a reference
#include <krait/object.hpp>
krait::lru_cache<std::unique_ptr<int>(int)> bad([](int n) { return std::make_unique<int>(n); });
auto call() { return bad(1); }
