// krait_thread_server THREADS SMALLEST LARGEST: a server whose buffers are freed by other threads than made them.
//
// Every thread owns a table of buffers. A request replaces a random buffer of a random thread's table, after a look at
// the old one; a connection that ends, all the buffers of a stretch of a table. Sizes are uniform in the given range.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t slots = 2'000, stretch = 50, bytes_of_work = 5'000'000'000, most_requests = 8'000'000;

struct table {
    std::array<std::atomic<char*>, slots> buffers{};
};

std::size_t look_at(const char* buffer) {
    std::size_t length = 0;
    std::memcpy(&length, buffer, sizeof length);
    return length + static_cast<unsigned char>(buffer[length - 1]);
}

char* request(std::size_t size) {
    auto* buffer = static_cast<char*>(std::malloc(size));
    if (buffer == nullptr) std::abort();
    std::memset(buffer, 1, size);
    std::memcpy(buffer, &size, sizeof size);
    return buffer;
}

class server {
  public:
    server(std::size_t threads, std::size_t smallest, std::size_t largest)
        : tables_(threads), smallest_(smallest), largest_(largest) {
        const std::size_t by_bytes = bytes_of_work / ((smallest + largest) / 2);
        requests_ = (by_bytes < most_requests ? by_bytes : most_requests) / threads;
    }
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server() {
        for (table& one : tables_)
            for (auto& buffer : one.buffers) std::free(buffer.load());
    }

    void run(unsigned thread) {
        std::minstd_rand random(thread + 1);
        std::uniform_int_distribution<std::size_t> size(smallest_, largest_);
        std::size_t seen = 0;
        for (std::size_t i = 0; i < requests_; ++i) {
            auto& buffers = tables_[random() % tables_.size()].buffers;
            const std::size_t slot = random() % slots;
            seen += replace(buffers[slot], request(size(random)));
            if (i % 1000 == 999)
                for (std::size_t n = 0; n < stretch; ++n) seen += replace(buffers[(slot + n) % slots], nullptr);
        }
        seen_ += seen;
    }

    std::size_t seen() const { return seen_; }

  private:
    static std::size_t replace(std::atomic<char*>& slot, char* by) {
        char* old = slot.exchange(by, std::memory_order_acq_rel);
        if (old == nullptr) return 0;
        const std::size_t found = look_at(old);
        std::free(old);
        return found;
    }

    std::vector<table> tables_;
    std::size_t smallest_, largest_, requests_;
    std::atomic<std::size_t> seen_{0};
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: krait_thread_server THREADS SMALLEST LARGEST (bytes, at least 8)\n", stderr);
        return 2;
    }
    const auto threads = static_cast<unsigned>(std::atoi(argv[1]));
    const auto smallest = static_cast<std::size_t>(std::atol(argv[2]));
    const auto largest = static_cast<std::size_t>(std::atol(argv[3]));
    if (threads == 0 || smallest < sizeof(std::size_t) || largest < smallest) return 2;
    server server(threads, smallest, largest);
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back([&server, i] { server.run(i); });
    for (auto& worker : workers) worker.join();
    std::printf("%s\n", server.seen() > 0 ? "served" : "idle");
}
