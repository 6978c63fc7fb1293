// The library's own start and end. Its constructor runs before the program's; its destructor after theirs.
#include "api/life.hpp"

[[gnu::constructor(101)]] static void start() { krait::say_hello(); }
[[gnu::destructor(101)]] static void finish() { krait::say_goodbye(); }
