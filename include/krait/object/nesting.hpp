// Values inside values, to any depth, on a bounded stack.
//
// A list of values that own each other (struct link { ref<T> r; std::unique_ptr<link> next; }) may be as long as memory
// allows, so the walk does not follow it by recursion alone: at most 64 owned values are open at a time, and those
// deeper wait in a list until the ones above are done.
//
//   behind(field)     a value that the field owns: the element of a container, what a unique_ptr points to
//   nests<E>          <=> an E may own, by way of other values, another E, as far as the types tell
//   depth             == values that are open
//   A walk begins with `flat`, which costs nothing. The first value of a nesting type replaces it by a `nested`, which
//   walks what waits before that value is done.
// If there is no memory for the list, recursion goes on.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <type_traits>

#include <krait/object/parts.hpp>

namespace krait::detail {

// Whether a T is among the types of values that are inside the pending ones, or nobody knows them.
template <class T, class Seen, class Pending>
struct owns;
template <class T, class Seen>
struct owns<T, Seen, type_list<>> : std::false_type {};
template <class T, class Seen, class U, class... Rest>
struct owns<T, Seen, type_list<U, Rest...>> {
    static constexpr bool find() {
        if constexpr (std::is_same_v<U, T> || std::is_same_v<U, unknown>)
            return true;
        else if constexpr (contains<U, Seen>)
            return owns<T, Seen, type_list<Rest...>>::value;
        else
            return owns<T, append_t<Seen, U>, join_t<parts_t<U>, type_list<Rest...>>>::value;
    }
    static constexpr bool value = find();
};

template <class E>
constexpr bool may_nest() {
    if constexpr (!std::is_class_v<E> || is_ref<E> || is_weak<E> || is_shared<E>)
        return false;
    else
        return owns<E, type_list<>, parts_t<E>>::value;
}
template <class E>
inline constexpr bool nests = may_nest<std::remove_cv_t<E>>();

// Does a walk's work on a value whose type only the function knows. The nesting is a nested<Worker>.
using erased_walk = void (*)(void* nesting, void* value);

// Work that waits: a function and the value that it is for. The last in is the first out.
class waiting_values {
  public:
    struct entry {
        void* value;
        erased_walk perform;
    };

    waiting_values() = default;
    waiting_values(const waiting_values&) = delete;
    waiting_values& operator=(const waiting_values&) = delete;
    ~waiting_values() { std::free(entries_); }

    bool empty() const noexcept { return size_ == 0; }
    // False if there is no memory.
    bool push(entry e) noexcept {
        if (size_ == capacity_) {
            const std::size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
            void* const more = std::realloc(entries_, capacity * sizeof(entry));
            if (more == nullptr) return false;
            entries_ = static_cast<entry*>(more);
            capacity_ = capacity;
        }
        entries_[size_++] = e;
        return true;
    }
    entry pop() noexcept { return entries_[--size_]; }

  private:
    entry* entries_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

// Worker(visitor)(nesting, value) does the work on one value, by way of behind() for those inside it.
template <class Worker>
class nested {
  public:
    explicit nested(Worker worker) : worker_(worker) {}

    Worker& worker() noexcept { return worker_; }

    template <class E>
    void enter(E& value) {
        if (depth_ < most_open) {
            ++depth_;
            worker_(*this, value);
            --depth_;
        } else if (!waiting_.push({const_cast<std::remove_cv_t<E>*>(&value), perform<E>})) {
            worker_(*this, value);
        }
    }
    void enter(erased_walk walk, void* value) {
        if (depth_ < most_open) {
            ++depth_;
            walk(this, value);
            --depth_;
        } else if (!waiting_.push({value, walk})) {
            walk(this, value);
        }
    }
    void finish() {
        while (!waiting_.empty()) {
            const waiting_values::entry next = waiting_.pop();
            next.perform(this, next.value);
        }
    }

  private:
    static constexpr int most_open = 64;

    template <class E>
    static void perform(void* self, void* value) {
        static_cast<nested*>(self)->enter(*static_cast<E*>(value));
    }

    Worker worker_;
    int depth_ = 0;
    waiting_values waiting_;
};

template <class Worker>
struct flat {
    Worker worker;
};

template <class Worker, class E>
void behind(flat<Worker>& nesting, E& value) {
    if constexpr (nests<E>) {
        nested<Worker> deep(nesting.worker);
        deep.enter(value);
        deep.finish();
    } else {
        nesting.worker(nesting, value);
    }
}
template <class Worker, class E>
void behind(nested<Worker>& nesting, E& value) {
    if constexpr (nests<E>)
        nesting.enter(value);
    else
        nesting.worker()(nesting, value);
}

template <class Worker>
void behind(flat<Worker>& nesting, erased_walk walk, void* value) {
    nested<Worker> deep(nesting.worker);
    deep.enter(walk, value);
    deep.finish();
}
template <class Worker>
void behind(nested<Worker>& nesting, erased_walk walk, void* value) {
    nesting.enter(walk, value);
}

} // namespace krait::detail
