// Checked builds: a class that lists one of its references and forgets the other.
#include <krait/object.hpp>

namespace {
struct forgetful {
    krait::ref<forgetful> listed, forgotten;
    forgetful() = default;
    KRAIT_FIELDS(listed);
};
} // namespace

int main() {
    const auto a = krait::make<forgetful>(), b = krait::make<forgetful>();
    a->listed = b;
    krait::gc::collect();
    a->forgotten = a;
    krait::gc::collect();
    a->forgotten.reset();
}
