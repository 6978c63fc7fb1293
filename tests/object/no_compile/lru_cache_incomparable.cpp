// error: give the type of each an operator==, or name an equality
#include <krait/object.hpp>
struct point {
    int x, y;
};
template <>
struct std::hash<point> {
    std::size_t operator()(const point& p) const { return static_cast<std::size_t>(p.x); }
};
krait::lru_cache<int(point)> cache([](point p) { return p.x; });
int bad() { return cache(point{1, 2}); }
