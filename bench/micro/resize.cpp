// calloc and realloc. A pair is one calloc and its free, or one realloc call (the first of them, from nothing, and the
// free at the end of a chain belong to it).
#include "loops.hpp"
#include "rows.hpp"

#include <vector>

namespace krait::bench {
namespace {

void* take_cleared(std::size_t size) { return touched(std::calloc(1, size), size); }

class cleared_batch_loop {
  public:
    cleared_batch_loop(size_table sizes, std::size_t count) : sizes_(sizes), blocks_(count) {}

    void operator()() {
        for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i] = take_cleared(sizes_[i]);
        for (void* block : blocks_) drop(block);
    }

  private:
    size_table sizes_;
    std::vector<void*> blocks_;
};

void* resized(void* block, std::size_t size) { return touched(std::realloc(block, size), size); }

// A buffer that grows from `first` bytes by half, up to `last`, as a string builder's does.
void grow_by_half(std::size_t first, std::size_t last) {
    void* block = nullptr;
    for (std::size_t size = first; size <= last; size += size / 2) block = resized(block, size);
    std::free(block);
}

std::int64_t steps_by_half(std::size_t first, std::size_t last) {
    std::int64_t steps = 0;
    for (std::size_t size = first; size <= last; size += size / 2) ++steps;
    return steps;
}

// A buffer that grows by a few bytes at a time, as a line that is read piece by piece.
void grow_by_step(std::size_t step, std::size_t last) {
    void* block = nullptr;
    for (std::size_t size = step; size <= last; size += step) block = resized(block, size);
    std::free(block);
}

// Live blocks that take new sizes at random, larger and smaller, on both sides of 512 bytes.
class resize_loop {
  public:
    resize_loop(size_table sizes, std::size_t live, std::size_t calls)
        : sizes_(sizes), blocks_(live), calls_(calls), random_(3) {}
    resize_loop(const resize_loop&) = delete;
    resize_loop& operator=(const resize_loop&) = delete;
    resize_loop(resize_loop&&) = default;
    resize_loop& operator=(resize_loop&&) = delete;
    ~resize_loop() {
        for (void* block : blocks_) std::free(block);
    }

    void operator()() {
        const auto live = static_cast<std::uint32_t>(blocks_.size());
        for (std::size_t i = 0; i < calls_; ++i) {
            void*& block = blocks_[random_.below(live)];
            block = resized(block, sizes_[next_size_++]);
        }
    }

  private:
    size_table sizes_;
    std::vector<void*> blocks_;
    std::size_t calls_;
    std::size_t next_size_ = 0;
    random_source random_;
};

} // namespace

void add_resize_rows() {
    constexpr std::int64_t million = 1'000'000;

    add_row("calloc/64", 10'000, 20 * million, [] {
        return [] {
            for (int i = 0; i < 10'000; ++i) drop(take_cleared(64));
        };
    });
    add_row("calloc/1kx8-512", 1'000, 8 * million,
            [] { return cleared_batch_loop(size_table::uniform(8, 512), 1'000); });
    add_row(
        "calloc/first_2Mx64", 2 * million, 2 * million,
        [] { return cleared_batch_loop(size_table::one(64), 2 * million); }, start::cold);

    add_row("realloc/by_half_to_4k", steps_by_half(16, 4096), 8 * million,
            [] { return [] { grow_by_half(16, 4096); }; });
    add_row("realloc/by_16_to_512", 32, 8 * million, [] { return [] { grow_by_step(16, 512); }; });
    add_row("realloc/by_200_to_16k", 16'000 / 200, 8 * million, [] { return [] { grow_by_step(200, 16'000); }; });
    add_row("realloc/1kx8-1024", 10'000, 5 * million,
            [] { return resize_loop(size_table::uniform(8, 1024), 1'000, 10'000); });
}

} // namespace krait::bench
