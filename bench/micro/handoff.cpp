// Blocks allocated by one thread and freed by another.
#include "crew.hpp"
#include "loops.hpp"
#include "mailbox.hpp"
#include "rows.hpp"

#include <array>
#include <atomic>

namespace krait::bench {
namespace {

constexpr std::int64_t million = 1'000'000;

// Producers only allocate, consumers only free: the blocks wander one way for as long as the program runs.
class pipe {
  public:
    static constexpr std::size_t burst = 128, bursts_a_round = 2'000;

    explicit pipe(size_table sizes) : sizes_(sizes), queue_(32) {}

    void produce() {
        std::array<void*, burst> blocks;
        for (std::size_t i = 0; i < bursts_a_round; ++i) {
            for (std::size_t b = 0; b < burst; ++b) blocks[b] = take(sizes_[i * burst + b]);
            queue_.push(blocks);
        }
        queue_.flush();
    }

    void consume() {
        std::array<void*, burst> blocks;
        for (std::size_t i = 0; i < bursts_a_round; ++i) {
            queue_.pop(blocks);
            for (void* block : blocks) drop(block);
        }
    }

  private:
    size_table sizes_;
    mailbox<std::array<void*, burst>> queue_;
};

void add_pipe(const std::string& name, size_table sizes, unsigned pairs_of_threads) {
    add_row(name, static_cast<std::int64_t>(pairs_of_threads * pipe::burst * pipe::bursts_a_round), 5 * million, [=] {
        auto shared = std::make_shared<pipe>(sizes);
        return crew_round(2 * pairs_of_threads, [shared](unsigned i) {
            return [shared, producer = i % 2 == 0] { producer ? shared->produce() : shared->consume(); };
        });
    });
}

// Threads in a ring: each allocates a batch, hands it to the next one and frees the batch that it was handed.
class ring {
  public:
    static constexpr std::size_t batch = 1'000, batches_a_round = 150;

    ring(size_table sizes, unsigned threads) : sizes_(sizes) {
        for (unsigned i = 0; i < threads; ++i) stations_.push_back(std::make_unique<station>());
    }

    void run(unsigned i) {
        station& here = *stations_[i];
        station& next = *stations_[(i + 1) % stations_.size()];
        for (std::size_t n = 0; n < batches_a_round; ++n) {
            std::vector<void*>& made = here.batches[n % here.batches.size()];
            for (std::size_t b = 0; b < batch; ++b) made[b] = take(sizes_[n * batch + b]);
            next.handed.push(&made);
            std::vector<void*>* handed = nullptr;
            here.handed.pop(handed);
            for (void* block : *handed) drop(block);
        }
    }

  private:
    // A queue holds at most `depth` batches; with two more to fill and to free, no batch is refilled while in use.
    static constexpr std::size_t depth = 2;
    struct station {
        mailbox<std::vector<void*>*> handed{depth};
        std::array<std::vector<void*>, depth + 2> batches;
        station() {
            for (auto& blocks : batches) blocks.resize(batch);
        }
    };
    size_table sizes_;
    std::vector<std::unique_ptr<station>> stations_;
};

void add_ring(unsigned threads) {
    const auto pairs_a_round = static_cast<std::int64_t>(threads * ring::batch * ring::batches_a_round);
    add_row("handoff/1kx16-256/" + std::to_string(threads) + "t", pairs_a_round, 6 * million, [=] {
        auto shared = std::make_shared<ring>(size_table::uniform(16, 256), threads);
        return crew_round(threads, [shared](unsigned i) { return [shared, i] { shared->run(i); }; });
    });
}

// One thread builds, another one drops all of it, in turn: the structure of a request handed to a reaper.
class reaped {
  public:
    static constexpr std::size_t blocks = 100'000;

    explicit reaped(size_table sizes) : sizes_(sizes), blocks_(blocks), to_reaper_(1) {}

    void build() {
        for (std::size_t i = 0; i < blocks; ++i) blocks_[i] = take(sizes_[i]);
        to_reaper_.push(true);
    }

    void reap() {
        bool built = false;
        to_reaper_.pop(built);
        for (void* block : blocks_) drop(block);
    }

  private:
    size_table sizes_;
    std::vector<void*> blocks_;
    mailbox<bool> to_reaper_;
};

// All threads replace blocks in one shared table: a block is freed by whichever thread comes by (Larson's server).
class exchange {
  public:
    static constexpr std::size_t pairs = 200'000;

    explicit exchange(size_table sizes) : sizes_(sizes) {}
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;
    ~exchange() {
        for (auto& slot : slots_) std::free(slot.load());
    }

    void run(random_source& random) {
        for (std::size_t i = 0; i < pairs; ++i) {
            auto& slot = slots_[random.below(slots)];
            void* old = slot.exchange(take(sizes_[i]), std::memory_order_acq_rel);
            if (old != nullptr) drop(old);
        }
    }

  private:
    static constexpr std::uint32_t slots = 4096;
    size_table sizes_;
    std::array<std::atomic<void*>, slots> slots_{};
};

void add_exchange(std::uint32_t most, unsigned threads) {
    add_row("exchange/4kx8-" + std::to_string(most) + "/" + std::to_string(threads) + "t",
            threads * std::int64_t{exchange::pairs}, 5 * million, [=] {
                auto shared = std::make_shared<exchange>(size_table::uniform(8, most));
                return crew_round(threads, [shared](unsigned i) {
                    return [shared, random = random_source(i)]() mutable { shared->run(random); };
                });
            });
}

} // namespace

// Of a pipe, half of the threads at each end: there is none of one thread.
void add_scaling_rows_of_handoff() {
    for (const unsigned threads : scaling_threads) add_ring(threads);
    for (const unsigned threads : scaling_threads) add_exchange(512, threads);
    for (const unsigned threads : scaling_threads)
        if (threads > 1)
            add_pipe("pipe/8-512/" + std::to_string(threads) + "t", size_table::uniform(8, 512), threads / 2);
}

void add_handoff_rows() {
    add_pipe("pipe/1x1_64/2t", size_table::one(64), 1);
    add_pipe("pipe/1x1_8-512/2t", size_table::uniform(8, 512), 1);
    add_pipe("pipe/2x2_8-512/4t", size_table::uniform(8, 512), 2);
    for (const unsigned threads : {2U, 4U, 8U}) add_ring(threads);
    add_row("handoff/100k_reaped/2t", reaped::blocks, 4 * million, [] {
        auto shared = std::make_shared<reaped>(size_table::uniform(16, 256));
        return crew_round(2,
                          [shared](unsigned i) { return [shared, i] { i == 0 ? shared->build() : shared->reap(); }; });
    });
    for (const unsigned threads : {2U, 8U}) add_exchange(512, threads);
    add_exchange(1000, 2);
}

} // namespace krait::bench
