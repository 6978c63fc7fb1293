// error: does not own what it compares: take a std::string
#include <krait/object.hpp>
krait::lru_cache<int(std::string_view)> bad([](std::string_view s) { return static_cast<int>(s.size()); });
