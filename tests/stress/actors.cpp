#include "actors.hpp"
#include "../support/child.hpp"
#include "../support/statistics.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace load {

namespace {

template <std::size_t Slots>
class working_set {
  public:
    explicit working_set(std::uint64_t seed) : random_{seed} {}
    ~working_set() {
        for (checked_block& block : blocks_) give_back(block);
    }
    working_set(const working_set&) = delete;
    working_set& operator=(const working_set&) = delete;

    void step() {
        checked_block& block = blocks_[random_.below(Slots)];
        if (!block.bytes) {
            block = take(random_);
        } else if (random_.below(8) == 0) {
            resize(block, draw_size(random_));
        } else {
            give_back(block);
        }
    }

    hazard::random& random() { return random_; }

  private:
    hazard::random random_;
    std::array<checked_block, Slots> blocks_{};
};

void nap(std::size_t microseconds) { usleep(static_cast<useconds_t>(microseconds)); }

// More blocks of one size than any cache holds, so that shared state comes in.
void burst(std::size_t size, hazard::random& random) {
    std::array<checked_block, 300> blocks;
    for (checked_block& block : blocks) block = take(size, draw_seed(random));
    for (checked_block& block : blocks) give_back(block);
}

// The thread sanitizer does not look after the locks of its own allocator, the system's here, when a process forks: one that
// another thread held is held in the child for ever. So there a child asks krait for nothing that krait would ask it for.
#ifdef __SANITIZE_THREAD__
constexpr std::size_t most_in_child = 512;
#else
constexpr std::size_t most_in_child = SIZE_MAX;
#endif

// All the rest of a forked child's life: what is inherited is intact, all classes serve, nothing contradicts.
[[noreturn]] void live_as_child(stage& s, std::uint64_t seed, bool may_fork) {
    hazard::fail_if_hung();
    most_drawn = most_in_child;
    CHECK(s.exchange.is_intact());
    CHECK(nothing_contradicts());
    {
        working_set<256> blocks(seed);
        for (int i = 0; i < 2000; ++i) blocks.step();
        for (std::size_t size = 16; size <= std::min(most_in_child, std::size_t{528}); size += 16)
            burst(size, blocks.random());
        s.exchange.clear(most_in_child);
        CHECK(support::adds_up(statistics())); // no other thread is here
        if (may_fork) {
            const pid_t grandchild = fork();
            if (grandchild == 0) live_as_child(s, seed + 1, false);
            hazard::expect_success_of(grandchild);
        }
    }
    give_back_free_memory();
    CHECK(nothing_contradicts());
    _exit(0);
}

} // namespace

void churn(stage& s, std::uint64_t seed) {
    working_set<1024> blocks(seed);
    for (std::uint64_t step = 1; !s.is_over; ++step) {
        for (int i = 0; i < 64; ++i) blocks.step();
        for (int i = 0; i < 4; ++i) s.exchange.pass_on(blocks.random());
        if (step % 64 == 0) burst(16 + blocks.random().below(32) * 16, blocks.random());
        s.counts.operations += 64 + 2 * 4;
    }
}

void produce_and_consume(stage& s, std::uint64_t seed) {
    static constexpr std::size_t in_flight = 2048;
    const auto ring = std::make_unique<std::array<std::atomic<checked_block*>, in_flight>>();
    std::thread consumer([&] {
        for (std::size_t i = 0;; ++i) {
            checked_block* block = nullptr;
            while (!(block = (*ring)[i % in_flight].exchange(nullptr, std::memory_order_acquire))) {
                if (s.is_over) return;
                std::this_thread::yield();
            }
            give_back(*block);
            deallocate(block);
        }
    });
    hazard::random random{seed};
    for (std::size_t i = 0; !s.is_over; ++i) {
        auto* const block = static_cast<checked_block*>(allocate(sizeof(checked_block)));
        CHECK(block);
        *block = take(random);
        while ((*ring)[i % in_flight].load(std::memory_order_acquire) && !s.is_over) std::this_thread::yield();
        checked_block* const left = (*ring)[i % in_flight].exchange(block, std::memory_order_acq_rel);
        if (left) {
            give_back(*left);
            deallocate(left);
        }
        s.counts.operations += 4;
    }
    consumer.join();
    for (auto& slot : *ring) {
        if (checked_block* const left = slot.load()) {
            give_back(*left);
            deallocate(left);
        }
    }
}

void come_and_go(stage& s, std::uint64_t seed) {
    std::array<checked_block, 64> legacy{};
    hazard::random random{seed};
    while (!s.is_over) {
        std::thread([&] {
            for (int i = 0; i < 48; ++i) {
                checked_block& block = legacy[random.below(legacy.size())];
                give_back(block);
                block = take(random);
            }
            s.exchange.pass_on(random);
        }).join();
        ++s.counts.threads;
        s.counts.operations += 100;
    }
    for (checked_block& block : legacy) give_back(block);
}

void fork_and_check(stage& s, std::uint64_t seed) {
    working_set<256> blocks(seed);
    while (!s.is_over) {
        for (int i = 0; i < 200; ++i) blocks.step();
        const bool may_fork = blocks.random().below(4) == 0;
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) live_as_child(s, seed + s.counts.forks, may_fork);
        for (int i = 0; i < 200; ++i) blocks.step(); // while the child shares the pages
        hazard::expect_success_of(child);
        s.counts.forks += may_fork ? 2 : 1;
        s.counts.operations += 400;
        nap(blocks.random().below(20000));
    }
}

void collect(stage& s, std::uint64_t seed) {
    hazard::random random{seed};
    while (!s.is_over) {
        if (random.below(2)) {
            give_back_free_memory();
        } else {
            trim();
        }
        ++s.counts.collections;
        nap(random.below(10000));
    }
}

void read_statistics(stage& s, std::uint64_t seed) {
    hazard::random random{seed};
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    while (!s.is_over) {
        const krait_stats stats = statistics();
        CHECK(stats.arenas_current <= stats.arenas_highwater);
        if (random.below(8) == 0) print_statistics(nowhere);
        if (random.below(64) == 0) CHECK(nothing_contradicts());
        ++s.counts.readings;
        nap(random.below(4000));
    }
    close(nowhere);
}

void grow(stage& s, std::uint64_t seed) {
    hazard::random random{seed};
    while (!s.is_over) {
        checked_block buffer = take(1, draw_seed(random));
        while (buffer.size < 200000) {
            resize(buffer, buffer.size + 1 + random.below(buffer.size));
            s.counts.operations += 1;
        }
        while (buffer.size > 1) resize(buffer, buffer.size / 2);
        give_back(buffer);
        nap(random.below(2000));
    }
}

void hold_large(stage& s, std::uint64_t seed) {
    hazard::random random{seed};
    std::array<checked_block, 8> blocks{};
    while (!s.is_over) {
        checked_block& block = blocks[random.below(blocks.size())];
        give_back(block);
        const std::size_t size = (std::size_t{32} << 10) + random.below(std::size_t{4} << 20) / (1 + random.below(64));
        block = take(size, draw_seed(random));
        s.counts.operations += 2;
        nap(random.below(4000));
    }
    for (checked_block& block : blocks) give_back(block);
}

namespace {

stage* interrupted_stage;
std::uint64_t interrupted_seed;

void allocate_in_handler(int) {
    const int error = errno;
    hazard::random random{++interrupted_seed * 0x9e3779b97f4a7c15u + 1};
    for (int i = 0; i < 4; ++i) interrupted_stage->exchange.pass_on(random);
    ++interrupted_stage->counts.signals;
    errno = error;
}

} // namespace

// The signal is let through only where this thread is in no function that a handler may not call again.
void be_interrupted(stage& s, std::uint64_t seed) {
    interrupted_stage = &s;
    interrupted_seed = seed;
    struct sigaction action = {};
    action.sa_handler = allocate_in_handler;
    CHECK(sigaction(SIGUSR2, &action, nullptr) == 0);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &only, nullptr);
    working_set<64> blocks(seed);
    while (!s.is_over) {
        for (int i = 0; i < 32; ++i) blocks.step();
        pthread_kill(pthread_self(), SIGUSR2);
        pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
        pthread_sigmask(SIG_BLOCK, &only, nullptr);
        nap(blocks.random().below(500));
    }
    signal(SIGUSR2, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
}

} // namespace load
