// A library that the program is linked with replaces new and delete, with blocks that its own delete alone understands.
// Whichever definitions are in force, every form of new and delete must agree on them.
#include "../../support/hazard.hpp"
#include <new>
#include <string>
#include <vector>

long replaced_balance();

int main() {
    const long before = replaced_balance();
    for (std::size_t size = 0; size < 1200; ++size) {
        ::operator delete(::operator new(size));
        ::operator delete(::operator new(size), size);
        ::operator delete[](::operator new[](size));
        ::operator delete[](::operator new[](size), size);
        ::operator delete(::operator new(size, std::nothrow), std::nothrow);
        ::operator delete[](::operator new[](size, std::nothrow), std::nothrow);
        std::vector<std::string> strings(3, std::string(size, 'x'));
        strings.erase(strings.begin());
    }
    CHECK(replaced_balance() == before);
}
