// Checked builds note what make() makes. When there is no memory for a note, nothing is left behind, and what is made
// later is known all the same.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include <krait/object.hpp>

namespace {

constexpr long unlimited = -1;
long left = unlimited; // requests that are granted
long blocks = 0;       // that are live
int alive = 0;         // things

} // namespace

void* operator new(std::size_t size) {
    if (left == 0) throw std::bad_alloc();
    if (left > 0) --left;
    void* const block = std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    ++blocks;
    return block;
}
void operator delete(void* block) noexcept {
    if (block != nullptr) --blocks;
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

namespace {

template <int N>
struct thing {
    int number = N;
    thing() noexcept { ++alive; }
    ~thing() { --alive; }
    KRAIT_FIELDS();
};

bool all_well = true;
void expect(bool well, const char* what, int n) {
    if (well) return;
    std::printf("%s, with %d requests granted\n", what, n);
    all_well = false;
}

// Does it with so many requests granted. Whether there was memory enough.
template <class F>
bool granted(int n, F&& f) {
    left = n;
    try {
        f();
    } catch (const std::bad_alloc&) {
        left = unlimited;
        return false;
    }
    left = unlimited;
    return true;
}

// Each N is two types that the thread has not made yet.
template <int N>
void first_of_a_type() {
    (void)granted(N % 4, [] { (void)krait::make<thing<N>>(); });
    const krait::ref<thing<N>> made = krait::make<thing<N>>();
    expect(krait::ref_to(*made) == made, "an object is not known", N); // ends the program if it is not
    const int before = alive;
    (void)granted(N % 4, [] { (void)krait::make_shared<thing<N + 100>>(); });
    expect(alive == before, "a shared object is left", N % 4);
    const krait::shared<thing<N + 100>> other = krait::make_shared<thing<N + 100>>();
    expect(krait::shared_to(*other) == other, "a shared object is not known", N);
}
template <int... N>
void first_of_types(std::integer_sequence<int, N...>) {
    (first_of_a_type<N>(), ...);
}

} // namespace

int main() {
    first_of_types(std::make_integer_sequence<int, 8>());

    std::vector<krait::ref<thing<1000>>> objects;
    std::vector<krait::weak<thing<1000>>> held;
    for (int i = 0; i < 200; ++i) objects.push_back(krait::make<thing<1000>>());
    held.reserve(objects.size());
    for (const auto& object : objects) {
        const long before = blocks;
        if (!granted(1, [&] { held.emplace_back(object); })) // the cell is had, the note is not
            expect(blocks == before, "a weak reference's cell is left", 1);
    }
    std::puts(all_well ? "nothing is left" : "failed");
    return all_well ? 0 : 1;
}
