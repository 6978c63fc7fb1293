// finalize: f(arguments...) runs once, when the object is gone or at the thread's end, whichever is first.
//
// CPython's weakref.finalize: unlike a weak reference's callback it needs no handle to be kept. f and its arguments
// must not refer to the object, or it never goes. What f throws at the object's death or at the end is reported.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <krait/object/lifetime.hpp>
#include <krait/object/weak.hpp>

namespace krait {

class finalize;

namespace detail {

// A pending action. In its thread's list, the newest first, until it is called or detached.
struct exit_action {
    weak<void> object;
    std::function<void()> action;
    bool atexit = true;
    exit_action* older = nullptr;
    exit_action* newer = nullptr;
    std::shared_ptr<exit_action> self; // keeps the action while it is pending

    void link(exit_action*& newest) noexcept {
        older = newest;
        if (older) older->newer = this;
        newest = this;
    }
    // Ends the waiting. Returns what was to be called; empty if that was over already.
    std::function<void()> take() noexcept {
        if (!self) return {};
        const std::shared_ptr<exit_action> keep = std::move(self);
        self.reset();
        if (heap_extras* const extras = this_heap().extras; extras != nullptr && extras->exit_actions == this)
            extras->exit_actions = older;
        if (newer) newer->older = older;
        if (older) older->newer = newer;
        older = newer = nullptr;
        std::function<void()> result = std::move(action);
        object.reset();
        return result;
    }
    void run() noexcept {
        try {
            if (const auto f = take()) f();
        } catch (...) {
            report_exception("finalize", "an object");
        }
    }
};

inline void run_exit_actions(heap_extras& extras) noexcept {
    for (exit_action* entry = extras.exit_actions; entry != nullptr;) {
        if (!entry->atexit) {
            entry = entry->older;
            continue;
        }
        entry->run();
        entry = extras.exit_actions; // the action may have changed the list
    }
    while (exit_action* const entry = extras.exit_actions) entry->take();
}

} // namespace detail

class finalize {
  public:
    using krait_thread_bound = void;

    // Throws std::bad_alloc.
    template <class T, class F, class... A>
    requires std::invocable < std::decay_t<F>
    &, std::decay_t<A>&... > finalize(const ref<T>& object, F&& f, A&&... arguments)
        : entry_(std::make_shared<detail::exit_action>()) {
        entry_->action = [f = std::forward<F>(f), ... arguments = std::forward<A>(arguments)]() mutable {
            std::invoke(f, arguments...);
        };
        detail::exit_action* const entry = entry_.get();
        entry->object = weak<void>(ref<void>(object), [entry](weak<void>&) { entry->run(); });
        entry->self = entry_;
        if (detail::heap_extras* const extras = detail::started_heap().extras) entry->link(extras->exit_actions);
    }

    // Whether the action is still to come.
    bool alive() const noexcept { return entry_->self != nullptr; }
    // Runs the action now, unless it is over; what it throws is passed on. Returns whether it ran.
    bool operator()() {
        const auto f = entry_->take();
        if (f) f();
        return static_cast<bool>(f);
    }
    // Gives the action up. Returns whether it was still to come.
    bool detach() noexcept { return static_cast<bool>(entry_->take()); }
    // The object, if the action is still to come.
    ref<void> peek() const noexcept { return alive() ? entry_->object.lock() : ref<void>{}; }

    // Whether the action runs at the thread's end if the object lives that long; true at first.
    bool atexit() const noexcept { return entry_->atexit; }
    void set_atexit(bool at_exit) noexcept { entry_->atexit = at_exit; }

  private:
    std::shared_ptr<detail::exit_action> entry_;
};

// By contract: the action must not refer to the object.
template <>
inline constexpr bool holds_no_references<finalize> = true;

} // namespace krait
