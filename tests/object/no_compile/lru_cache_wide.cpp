// error: does not own what it compares: take a std::string
#include <krait/object.hpp>
krait::lru_cache<int(std::variant<int, const wchar_t*>)> bad([](std::variant<int, const wchar_t*>) { return 1; });
