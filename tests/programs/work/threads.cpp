// A threaded C++ program: workers pass strings, maps and functions to each other through a queue and futures; what it
// prints does not depend on who was first.
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

class queue {
  public:
    void push(std::function<void()> task) {
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        ready_.notify_one();
    }

    std::function<void()> pop() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return !tasks_.empty(); });
        std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        return task;
    }

  private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> tasks_;
};

using histogram = std::map<std::string, std::size_t>;

histogram count_words(const std::string& text) {
    histogram counts;
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = std::min(text.find(' ', start), text.size());
        ++counts[text.substr(start, end - start)];
        start = end + 1;
    }
    return counts;
}

std::string text_of(std::size_t seed) {
    std::string text;
    for (std::size_t i = 0; i < 3000; ++i) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        text += "word" + std::to_string((seed >> 33) % 700) + std::string((seed >> 50) % 40, 'w') + ' ';
    }
    return text;
}

} // namespace

int main() {
    queue tasks;
    std::vector<std::thread> workers;
    for (int i = 0; i < 6; ++i)
        workers.emplace_back([&tasks] {
            while (auto task = tasks.pop()) task();
        });
    std::vector<std::future<histogram>> results;
    for (std::size_t seed = 1; seed <= 200; ++seed) {
        auto job =
            std::make_shared<std::packaged_task<histogram()>>([text = text_of(seed)] { return count_words(text); });
        results.push_back(job->get_future());
        tasks.push([job] { (*job)(); });
    }
    histogram total;
    for (auto& result : results)
        for (const auto& [word, count] : result.get()) total[word] += count;
    for (std::size_t i = 0; i < workers.size(); ++i) tasks.push({});
    for (auto& worker : workers) worker.join();
    std::size_t shown = 0;
    for (const auto& [word, count] : total)
        if (++shown % 500 == 0) std::cout << word << ' ' << count << '\n';
    std::cout << total.size() << '\n';
}
