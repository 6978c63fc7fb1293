// The recorder by itself, linked into a program that keeps its own malloc: so the thread sanitizer, which brings a
// malloc, can look at what its threads share. They ask, grow and free, and hand blocks over to each other, while one
// starts, stops, and takes snapshots. KRAIT_TRACE is set by who starts it.
//
// In the end what the recorder follows is what is live, to the byte; and nothing once that is freed.
#include "trace/session.hpp"
#include "trace/tracing.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace krait;

struct held {
    void* block;
    std::size_t size;
};

class handed_over {
  public:
    void put(held each) {
        const std::lock_guard guard(mutex_);
        all_.push_back(each);
    }
    bool take(held& to) {
        const std::lock_guard guard(mutex_);
        if (all_.empty()) return false;
        to = all_.back();
        all_.pop_back();
        return true;
    }

  private:
    std::mutex mutex_;
    std::vector<held> all_;
};

handed_over common;

// The frame that a hook looks at stays until it is done: this function does not end in the hook.
void* back_in_frame(void* block) {
    asm volatile("" : "+r"(block));
    return block;
}

[[gnu::noinline]] void* asked(std::size_t size) {
    void* block = std::malloc(size);
    if (const auto* const hooks = trace::current_hooks(); hooks != nullptr)
        block = back_in_frame(hooks->allocated(__builtin_frame_address(0), block, size, 0));
    return block;
}
void freed(void* block) {
    if (const auto* const hooks = trace::current_hooks(); hooks != nullptr) static_cast<void>(hooks->freeing(block));
    std::free(block);
}
[[gnu::noinline]] void* grown(void* block, std::size_t size) {
    const auto* const hooks = trace::current_hooks();
    const std::uint64_t moment = hooks != nullptr ? hooks->moment(block) : 0;
    void* const volatile old = block; // its address is told once it is gone
    void* moved = std::realloc(block, size);
    if (hooks != nullptr)
        moved = back_in_frame(hooks->reallocated(__builtin_frame_address(0), old, moment, moved, size));
    return moved;
}

constexpr std::size_t rounds = 6000, thread_count = 4;

void work(std::size_t number) {
    for (std::size_t i = 0; i < rounds; ++i) {
        held mine{nullptr, (i * 13 + number * 29) % 5000};
        mine.block = asked(mine.size);
        if (i % 5 == 0) mine.block = grown(mine.block, mine.size = mine.size * 2 + 1);
        common.put(mine);
        if (held other; i % 3 != 0 && common.take(other)) freed(other.block);
    }
}

void look() {
    for (int i = 0; i < 20; ++i) {
        if (krait_snapshot* const now = trace::take_snapshot_of_traces(); now != nullptr) trace::free_snapshot(now);
        std::size_t peak;
        static_cast<void>(trace::traced_memory(&peak));
        static_cast<void>(trace::tracer_memory());
        if (i == 10) {
            trace::stop_tracing();
            trace::start_tracing(8);
        }
        std::this_thread::yield();
    }
}

bool is_right(const char* when, std::size_t wanted) {
    const std::size_t found = trace::traced_memory(nullptr);
    if (found != wanted) std::printf("%s: %zu bytes are followed, not %zu\n", when, found, wanted);
    return found == wanted;
}

// What is in the queue, taken out and put back.
std::size_t bytes_left(std::vector<held>& all) {
    std::size_t bytes = 0;
    for (held each; common.take(each); bytes += each.size) all.push_back(each);
    return bytes;
}

void run_threads(bool with_looks) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < thread_count; ++i) threads.emplace_back(work, i);
    if (with_looks) threads.emplace_back(look);
    for (std::thread& each : threads) each.join();
}

} // namespace

int main() {
    trace::at_start();
    if (trace::start_tracing(8) != 0) return std::puts("it does not start"), 1;
    run_threads(true);
    std::vector<held> left;
    bytes_left(left);
    trace::clear_traces();
    bool is_ok = is_right("cleared", 0);
    run_threads(false);
    std::vector<held> now;
    is_ok = is_right("at the end", bytes_left(now)) && is_ok;
    for (const held& each : now) freed(each.block);
    is_ok = is_right("freed", 0) && is_ok;
    trace::stop_tracing();
    for (const held& each : left) freed(each.block);
    trace::at_exit();
    return is_ok ? 0 : 1;
}
