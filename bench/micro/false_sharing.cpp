// Two threads, each writing only to its own small block. If the allocator put the blocks into one cache line, every
// write takes the line from the other processor (Berger's cache-thrash and cache-scratch).
#include "blocks.hpp"
#include "crew.hpp"
#include "rows.hpp"

#include <array>

namespace krait::bench {
namespace {

constexpr std::size_t size = 8, writes = 50, objects = 50'000;
constexpr unsigned threads = 2;

void* take_one() { return touched(std::malloc(size), size); }

void use_and_drop(void* object) {
    auto* counter = static_cast<volatile unsigned char*>(object);
    for (std::size_t i = 0; i < writes; ++i) counter[0] = static_cast<unsigned char>(counter[0] + 1);
    std::free(object);
}

// Active: the allocator hands blocks of one line to two threads that allocate at the same time.
void use_new_objects() {
    for (std::size_t i = 0; i < objects; ++i) use_and_drop(take_one());
}

// Passive: one thread allocated neighbours and gave them away; an allocator that lets each thread reuse what it frees
// shares the line between them from then on.
class passive {
  public:
    passive() {
        for (auto& object : given_) object = take_one();
    }

    void run(unsigned i) {
        if (given_[i] != nullptr) use_and_drop(given_[i]);
        given_[i] = nullptr;
        use_new_objects();
    }

  private:
    std::array<void*, threads> given_;
};

} // namespace

void add_false_sharing_rows() {
    constexpr std::int64_t a_round = threads * objects, pairs = 2'000'000;
    add_row("false_sharing/active/2t", a_round, pairs,
            [] { return crew_round(threads, [](unsigned) { return use_new_objects; }); });
    add_row("false_sharing/passive/2t", a_round, pairs, [] {
        auto shared = std::make_shared<passive>();
        return crew_round(threads, [shared](unsigned i) { return [shared, i] { shared->run(i); }; });
    });
}

} // namespace krait::bench
