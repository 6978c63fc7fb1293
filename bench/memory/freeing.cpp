// 1.5 million small blocks, then fewer and fewer: what is resident when half, nine in ten, all but 1,500 are freed?
#include "report.hpp"
#include "scenarios.hpp"

#include <cstdlib>
#include <utility>

namespace krait::bench {
namespace {

constexpr std::size_t count = 1'500'000;
constexpr int settle_ms = 1500;

struct step {
    std::size_t freed; // of `count`
    const char* name;
};

constexpr step half{count / 2, "50%_freed"};
constexpr step most{count / 10 * 9, "90%_freed"};
constexpr step nearly_all{count / 1000 * 999, "99.9%_freed"};
constexpr step all{count, "all_freed"};

void** filled() {
    auto** blocks = bookkeeping_array<void*>(count);
    random_source random(1);
    for (std::size_t i = 0; i < count; ++i) blocks[i] = mixed_block(random);
    return blocks;
}

template <class... Steps>
void free_in_steps(void** blocks, Steps... steps) {
    std::size_t freed = 0;
    const auto free_until = [&](step until) {
        for (; freed < until.freed; ++freed) std::free(blocks[freed]);
        mark(until.name);
    };
    mark("full");
    (free_until(steps), ...);
    idle(settle_ms);
    mark("idle");
}

} // namespace

void free_at_random() {
    void** blocks = filled();
    random_source random(2);
    for (std::size_t i = count; i > 1; --i) std::swap(blocks[i - 1], blocks[random.below(i)]);
    free_in_steps(blocks, most, nearly_all, all);
}

void free_in_order() { free_in_steps(filled(), half, most, nearly_all, all); }

void free_in_reverse() {
    void** blocks = filled();
    for (std::size_t i = 0; i < count / 2; ++i) std::swap(blocks[i], blocks[count - 1 - i]);
    free_in_steps(blocks, nearly_all, all);
}

} // namespace krait::bench
