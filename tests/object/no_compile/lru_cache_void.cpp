// error: return a value that can be copied and assigned, a pointer instead of a reference
#include <krait/object.hpp>
krait::lru_cache<void(int)> bad([](int) {});
void call() { bad(1); }
