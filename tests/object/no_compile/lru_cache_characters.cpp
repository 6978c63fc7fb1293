// error: does not own what it compares: take a std::string
#include <krait/object.hpp>
krait::lru_cache<int(const char*)> bad([](const char* s) { return static_cast<int>(s[0]); });
