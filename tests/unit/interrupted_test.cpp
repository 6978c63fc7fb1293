// A signal handler that allocates and frees after every instruction of the slow paths: the processor's trap flag makes
// a SIGTRAP of each. Afterwards all of krait's lists and counts agree, and no block has two owners. Meanwhile krait's own
// code never called the system allocator, which such a handler may need; and where krait calls it, a handler that
// interrupts it need not.
#include "core/process_life.hpp"
#include "core/system_blocks.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <random>
#include <ucontext.h>
#include <vector>

namespace {

namespace process = krait::process;

struct block {
    unsigned char* start = nullptr;
    std::size_t size = 0;
    unsigned char content = 0;

    void fill() const { std::memset(start, content, size); }
    bool is_whole() const {
        return std::all_of(start, start + size, [this](unsigned char byte) { return byte == content; });
    }
};

// xorshift64: what a handler may call.
class numbers {
  public:
    explicit numbers(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t bound) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_ % bound;
    }

  private:
    std::uint64_t state_;
};

numbers random_numbers(88172645463325252);

std::size_t some_size() {
    constexpr std::size_t sizes[] = {24, 64, 200, 512, 600, 1000, 3000, 4096, 9000, 12800, 30000};
    return sizes[random_numbers.below(std::size(sizes))];
}

block made(std::size_t size) {
    const block b{static_cast<unsigned char*>(krait_malloc(size)), size,
                  static_cast<unsigned char>(random_numbers.below(256))};
    if (b.start != nullptr) b.fill();
    return b;
}

// What the handler does: it has some blocks of its own, made and freed in any order.
class handler {
  public:
    void act() {
        const bool is_of_interrupted = random_numbers.below(2) == 0;
        const std::size_t size = is_of_interrupted ? interrupted_size : some_size();
        if (const std::uint64_t choice = random_numbers.below(8); choice == 0 && held_ < most) {
            held_blocks_[held_] = made(size);
            held_ += held_blocks_[held_].start != nullptr;
        } else if (choice == 1 && held_ > 0) {
            krait_free(held_blocks_[--held_].start);
        } else if (choice == 2) {
            krait_free(made(size).start);
        }
    }
    bool is_whole() const {
        return std::all_of(held_blocks_, held_blocks_ + held_, [](const block& b) { return b.is_whole(); });
    }
    void free_all() {
        while (held_ > 0) krait_free(held_blocks_[--held_].start);
    }

    std::size_t interrupted_size = 0;
    unsigned long times = 0;
    unsigned long times_in_system = 0;

  private:
    static constexpr unsigned most = 32;
    block held_blocks_[most];
    unsigned held_ = 0;
};

handler the_handler;

// Of one call: the rest, as a large copy outside or the end of a long collection, goes on at full speed.
constexpr unsigned most_steps_outside = 500;
constexpr unsigned most_steps = 6'000;
unsigned steps_outside = 0;
unsigned steps = 0;

void on_trap(int, siginfo_t*, void* context) {
    constexpr greg_t trap_flag = 0x100;
    const bool is_outside = process::this_thread.record->presence.is_outside();
    steps_outside += is_outside;
    if (++steps == most_steps || steps_outside == most_steps_outside)
        static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~trap_flag;
    if (is_outside) return; // it may be on a fast path, of which nothing is promised
    ++the_handler.times;
    the_handler.times_in_system += krait::system_blocks::unreported.is_in_system;
    the_handler.act();
}

// Its caller's frame holds nothing below the stack pointer: this is a call.
[[gnu::noinline]] void set_trap_flag(bool on) {
    if (on)
        __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc");
    else
        __asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc");
}

template <class Call>
auto interrupted(std::size_t size, Call&& call) {
    the_handler.interrupted_size = size;
    steps = steps_outside = 0;
    set_trap_flag(true);
    auto result = call();
    set_trap_flag(false);
    return result;
}

class blocks {
  public:
    void make() {
        const std::size_t size = some_size();
        block b{nullptr, size, static_cast<unsigned char>(random_numbers.below(256))};
        b.start = static_cast<unsigned char*>(interrupted(size, [&] { return krait_malloc(size); }));
        b.fill();
        live_.push_back(b);
    }
    void free_one() {
        const block b = taken_out();
        interrupted(b.size, [&] { return krait_free(b.start), 0; });
    }
    void resize_one() {
        block b = taken_out();
        const std::size_t kept = b.size;
        b.size = some_size();
        b.start = static_cast<unsigned char*>(interrupted(kept, [&] { return krait_realloc(b.start, b.size); }));
        REQUIRE(block{b.start, std::min(kept, b.size), b.content}.is_whole());
        b.fill();
        live_.push_back(b);
    }
    static void collect() {
        interrupted(some_size(), [] { return krait_collect(); });
    }
    bool is_whole() const {
        return std::all_of(live_.begin(), live_.end(), [](const block& b) { return b.is_whole(); });
    }
    std::size_t count() const { return live_.size(); }

  private:
    block taken_out() {
        std::swap(live_[random_numbers.below(live_.size())], live_.back());
        const block b = live_.back();
        live_.pop_back();
        REQUIRE(b.is_whole());
        return b;
    }
    std::vector<block> live_;
};

// A handler that may come at every instruction of what is called here.
class frequent_handler {
  public:
    explicit frequent_handler(void (*on_trap)(int, siginfo_t*, void*)) {
        struct sigaction action = {};
        action.sa_sigaction = on_trap;
        action.sa_flags = SA_SIGINFO;
        REQUIRE(sigaction(SIGTRAP, &action, &before_) == 0);
    }
    ~frequent_handler() { sigaction(SIGTRAP, &before_, nullptr); }
    frequent_handler(const frequent_handler&) = delete;
    frequent_handler& operator=(const frequent_handler&) = delete;

  private:
    struct sigaction before_ = {};
};

// Blocks that a handler took within the system allocator, by who served them.
unsigned of_pools = 0;
unsigned of_system = 0;

void take_within_system(int, siginfo_t*, void*) {
    const bool is_within = krait::system_blocks::unreported.is_in_system || process::this_thread.is_busy;
    if (!is_within || of_pools + of_system == 5'000) return;
    ++(process::the_heap.owns(krait_malloc(200)) ? of_pools : of_system);
}

template <class Call>
void check_blocks_within(Call&& call) {
    of_pools = of_system = 0;
    const frequent_handler frequent(take_within_system);
    interrupted(0, call);
    CHECK(of_pools > 100);
    CHECK(of_system == 0);
}

} // namespace

TEST_CASE("a signal handler allocates and frees after every instruction of the slow paths") {
    krait_free(krait_malloc(24)); // sets krait up
    const frequent_handler frequent(on_trap);
    blocks the_blocks;
    for (unsigned round = 0; round < 800; ++round) {
        const std::uint64_t choice = random_numbers.below(100);
        const bool grows = round / 200 % 2 == 0;
        if (the_blocks.count() == 0 || choice < (grows ? 60 : 30))
            the_blocks.make();
        else if (choice < 90)
            the_blocks.free_one();
        else if (choice < 99)
            the_blocks.resize_one();
        else
            blocks::collect();
        INFO("round " << round);
        REQUIRE(krait_check(2) == 0);
        REQUIRE(the_handler.is_whole());
    }
    CHECK(the_blocks.is_whole());
    CHECK(the_handler.times > 10'000);
    CHECK(the_handler.times_in_system == 0);
    the_handler.free_all();
}

// The system allocator's locks are held then.
TEST_CASE("a signal handler within a trim or a count of the system allocator gets its small blocks from pools") {
    krait_free(krait_malloc(24)); // sets krait up
    check_blocks_within([] { return krait::system_blocks::trim(0); });
    krait_stats counted;
    check_blocks_within([&] { return krait_stats_get(&counted, sizeof counted); });
}
