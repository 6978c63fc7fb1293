#include "os/tcache.hpp"

#include "os/errno_kept.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace krait::os {

namespace {

constexpr std::size_t most_of_a_size = 7;
constexpr std::size_t least_kept = 520, most_kept = 1032, step = 16; // each the most that a size of chunk serves

// Blocks of one size.
class pile {
  public:
    void* add(std::size_t size) noexcept { return blocks_[count_++] = system_malloc(size); }
    std::size_t count() const noexcept { return count_; }
    // From its first block's start to its last one's.
    std::size_t span() const noexcept {
        if (count_ == 0) return 0;
        const auto [first, last] = std::minmax_element(blocks_.begin(), blocks_.begin() + count_, std::less<>());
        return static_cast<std::size_t>(static_cast<char*>(*last) - static_cast<char*>(*first));
    }
    void free() noexcept {
        while (count_ != 0) system_free(blocks_[--count_]);
    }

  private:
    std::array<void*, most_of_a_size> blocks_;
    std::size_t count_ = 0;
};

// A block that malloc just took from the tcache has what led to the next one in its first word still, mixed with the
// address of that word, and 0 in its second. Where the block that leads to it, or any that comes by chance, says
// otherwise, it is another's. The program has written nothing yet.
struct left_in_block {
    std::uintptr_t next; // 0: it was the last one
    bool is_of_tcache;
};
__attribute__((no_sanitize("address", "hwaddress", "thread"))) left_in_block look_at(void* block) noexcept {
    __asm__("" : "+r"(block)); // the compiler must not know that it is fresh
    const volatile std::uintptr_t* const words = static_cast<const volatile std::uintptr_t*>(block);
    const std::uintptr_t next = words[0] ^ reinterpret_cast<std::uintptr_t>(block) >> 12;
    return {next, words[1] == 0 && next % alignof(std::max_align_t) == 0};
}

// All that the tcache has of the size; how many. 0, with a block or some all the same, where it has none or is not as
// it should be.
std::size_t take_all(std::size_t size, pile& into) noexcept {
    std::uintptr_t expected = 0; // any, as the first one
    while (into.count() < most_of_a_size) {
        void* const block = into.add(size);
        if (block == nullptr) return 0;
        const bool is_led_to = into.count() == 1 || reinterpret_cast<std::uintptr_t>(block) == expected;
        const left_in_block left = look_at(block);
        if (!is_led_to || !left.is_of_tcache) return 0;
        expected = left.next;
        if (expected == 0) break;
    }
    return into.count();
}

// What lies together already stays, so that a second trim finds nothing.
void gather(std::size_t size) noexcept {
    pile scattered, together;
    const std::size_t count = take_all(size, scattered);
    if (count != 0 && scattered.span() > 2 * count * size) {
        for (std::size_t left = count; left > 0; --left) together.add(size);
    }
    if (together.span() < scattered.span()) together.free(); // first, as glibc has room for these alone
    scattered.free();
    together.free();
}

} // namespace

void gather_tcache() noexcept {
    const errno_kept keep;
    for (std::size_t size = least_kept; size <= most_kept; size += step) gather(size);
}

} // namespace krait::os
