// The object layer alone: headers, no library.
#include <krait/object.hpp>

struct snake {
    double length;
};

int main() {
    const krait::ref<snake> one = krait::make<snake>(3.5);
    const int whole = one->length;
    return whole == 3 ? 0 : 1;
}
