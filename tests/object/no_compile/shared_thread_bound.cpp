// error: krait: an object that threads share must not hold ref, weak or std::shared_ptr to objects of one thread
#include <krait/object.hpp>

struct named {
    krait::interned name;
};

int main() { krait::make_shared<named>(krait::interned("x")); }
