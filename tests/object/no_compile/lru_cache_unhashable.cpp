// error: specialise std::hash for the type of each
#include <krait/object.hpp>
struct point {
    int x, y;
    bool operator==(const point&) const = default;
};
krait::lru_cache<int(point)> cache([](point p) { return p.x; });
int bad() { return cache(point{1, 2}); }
