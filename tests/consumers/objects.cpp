// The object layer alone: headers, no library.
#include <krait/object.hpp>

struct snake {
    double length;
};

int main() {
    krait::ref<snake> const one = krait::make<snake>(3.5);
    int const whole = one->length;
    return whole == 3 ? 0 : 1;
}
