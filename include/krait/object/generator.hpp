// generator<T>: a coroutine that yields T's, one at a time, as Python's generators do.
//
//     krait::generator<int> squares(int n) { for (int k = 0; k < n; ++k) co_yield k * k; }
//     for (const int s : squares(10)) ...
//
// It runs only as far as it is asked; what it has open is cleaned up when it is dropped half way. Its frame comes from
// the program's heap (operator new) and its size does not depend on what it yields. What it throws comes out of the
// iteration. A generator is moved, not copied, and iterated once.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include <krait/object/report.hpp>

namespace krait {

template <class T>
class [[nodiscard]] generator {
  public:
    struct promise_type {
        const T* yielded = nullptr;
        std::exception_ptr thrown;
        bool is_running = false;

        generator get_return_object() noexcept { return generator(handle::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        // The value lives in the frame until the generator goes on.
        std::suspend_always yield_value(const T& value) noexcept {
            yielded = std::addressof(value);
            return {};
        }
        void return_void() const noexcept {}
        void unhandled_exception() { thrown = std::current_exception(); }
        template <class U>
        void await_transform(U&&) = delete; // it yields, and waits for nothing else

        // In front of the frame is its size.
        static void* operator new(std::size_t size) {
            void* const block = ::operator new(size + room);
            *static_cast<std::size_t*>(block) = size;
            return static_cast<char*>(block) + room;
        }
        static void operator delete(void* frame) noexcept { ::operator delete(static_cast<char*>(frame) - room); }
    };

    generator() noexcept = default;
    generator(generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    generator& operator=(generator&& other) noexcept {
        generator(std::move(other)).swap(*this);
        return *this;
    }
    // Not from within: a frame that runs cannot be taken away, which ends the process.
    ~generator() {
        if (!frame_) return;
        if (frame_.promise().is_running) detail::fail("a generator was destroyed from within");
        frame_.destroy();
    }
    void swap(generator& other) noexcept { std::swap(frame_, other.frame_); }

    // The next value, which stays until the one after; null at the end. Throws what the generator throws, and
    // std::logic_error where the generator itself asks, as Python's throw ValueError.
    const T* next() {
        check_idle();
        if (!frame_ || frame_.done()) return nullptr;
        const handle frame = frame_; // the generator may be moved from within
        promise_type& promise = frame.promise();
        promise.is_running = true;
        frame.resume();
        promise.is_running = false;
        if (promise.thrown) std::rethrow_exception(std::exchange(promise.thrown, nullptr));
        return frame.done() ? nullptr : promise.yielded;
    }
    // Ends it: what it has open is cleaned up now. Throws std::logic_error from within.
    void close() {
        check_idle();
        generator().swap(*this);
    }

    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T*;
        using reference = const T&;
        explicit iterator(generator& of) : of_(&of), value_(of.next()) {}
        reference operator*() const noexcept { return *value_; }
        iterator& operator++() {
            value_ = of_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept { return i.value_ == nullptr; }

      private:
        generator* of_;
        const T* value_;
    };
    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

    // The bytes of the frame: its locals, and what the coroutine needs. 0 once it is closed.
    std::size_t frame_size() const noexcept {
        return frame_ ? *reinterpret_cast<const std::size_t*>(static_cast<const char*>(frame_.address()) - room) : 0;
    }

  private:
    using handle = std::coroutine_handle<promise_type>;
    static constexpr std::size_t room = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

    explicit generator(handle frame) noexcept : frame_(frame) {}

    void check_idle() const {
        if (frame_ && frame_.promise().is_running) throw std::logic_error("generator already executing");
    }

    handle frame_ = nullptr;
};

// sys.getsizeof of a generator.
template <class T>
std::size_t getsizeof(const generator<T>& g) noexcept {
    return sizeof g + g.frame_size();
}

} // namespace krait
