// error: krait: objects of a type that cannot be part of a cycle are not tracked: no list has them
#include <krait/object.hpp>

int main() { return static_cast<int>(krait::gc::get_objects<long>().size()); }
