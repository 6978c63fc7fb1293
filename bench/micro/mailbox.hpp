// A bounded queue between threads. It sleeps when it cannot go on, so that waiting costs no CPU time.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace krait::bench {

// A sleeper is woken when the queue is half full (or half empty), not at the first element: a switch of threads for
// each element would be all that is measured. Whoever pushes last in a round calls flush().
template <class T>
class mailbox {
  public:
    explicit mailbox(std::size_t capacity) : ring_(capacity) {}

    void push(const T& value) {
        std::unique_lock lock(mutex_);
        not_full_.wait(lock, [this] { return size_ < ring_.size(); });
        ring_[(first_ + size_) % ring_.size()] = value;
        if (++size_ == std::max<std::size_t>(1, ring_.size() / 2)) not_empty_.notify_all();
    }

    void pop(T& value) {
        std::unique_lock lock(mutex_);
        not_empty_.wait(lock, [this] { return size_ > 0; });
        value = ring_[first_];
        first_ = (first_ + 1) % ring_.size();
        if (--size_ == ring_.size() / 2) not_full_.notify_all();
    }

    void flush() {
        const std::lock_guard lock(mutex_);
        not_empty_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable not_empty_, not_full_;
    std::vector<T> ring_;
    std::size_t first_ = 0, size_ = 0;
};

} // namespace krait::bench
