// function<R(A...)>: a std::function whose captures the collector sees.
//
//     struct button { krait::function<void(int)> clicked; };
//     b->clicked = krait::closure([](krait::ref<button>& self, int x) { ... }, b);     // a cycle, and collected
//
// It takes what can be seen into (fields.hpp): functions, lambdas without captures or with plain data, classes with an
// operator() that are aggregates or say KRAIT_FIELDS, and closures. A lambda that captures a ref does not compile: give
// the ref to closure(), which hands it to the lambda in front of the arguments.
//
// In garbage a function is emptied as a whole: a destructor that runs because its object died in a cycle finds it
// without a target, and a call throws std::bad_function_call.
//
//   room_     holds the target, or a pointer to it if it is large or may throw when it is moved
//   table_    what can be done with a target of its type; null <=> there is none
#pragma once

#include <cstddef>
#include <functional>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include <krait/object/visitors.hpp>

namespace krait {

namespace detail {

// What can be done with a target whose type is known here only. The walks are null if it has nothing for them.
struct function_table {
    void (*copy)(void* from_room, void* to_room);
    void (*move)(void* from_room, void* to_room) noexcept; // leaves no target behind
    void (*destroy)(void* room) noexcept;
    void* (*target)(void* room) noexcept;
    erased_walk subtract;
    erased_walk reach;
    erased_walk visit;
    erased_walk visit_weak;
    std::size_t block_size; // of the target, if it is not in the room
    bool may_own;           // memory, beside what it refers to
};

// Whether all that a target may hold are references.
template <class F>
inline constexpr bool owns_nothing = std::is_trivially_destructible_v<F> || is_ref<F> || is_weak<F>;
template <class F, class... C>
class closure_of;

using function_room = std::byte[3 * sizeof(void*)];

template <class F>
inline constexpr bool fits_in_room = sizeof(F) <= sizeof(function_room) &&
                                     alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;

template <class F>
struct room_of {
    static F* in(void* room) noexcept {
        if constexpr (fits_in_room<F>)
            return std::launder(static_cast<F*>(room));
        else
            return *static_cast<F**>(room);
    }
    template <class... A>
    static void make(void* room, A&&... arguments) {
        if constexpr (fits_in_room<F>)
            ::new (room) F(std::forward<A>(arguments)...);
        else
            ::new (room) F*(new F(std::forward<A>(arguments)...));
    }
    static void copy(void* from, void* to) { make(to, std::as_const(*in(from))); }
    static void move(void* from, void* to) noexcept {
        if constexpr (fits_in_room<F>) {
            make(to, std::move(*in(from)));
            destroy(from);
        } else {
            ::new (to) F*(in(from));
        }
    }
    static void destroy(void* room) noexcept {
        if constexpr (fits_in_room<F>)
            in(room)->~F();
        else
            delete in(room);
    }
    static void* target(void* room) noexcept { return in(room); }

    template <what W, class V>
    static void walk_target(void* nesting, void* target) {
        auto& nest = *static_cast<nested<walker<W, V>>*>(nesting);
        walk_into<W>(nest, *nest.worker().visitor, *static_cast<F*>(target));
    }
    template <what W, class V>
    static constexpr erased_walk walk_with() {
        if constexpr (worth_a_walk<W, F>)
            return walk_target<W, V>;
        else
            return nullptr;
    }

    static constexpr function_table table{copy,
                                          move,
                                          destroy,
                                          target,
                                          walk_with<what::counted, subtract_visitor>(),
                                          walk_with<what::counted, reach_visitor>(),
                                          walk_with<what::counted, edge_visitor>(),
                                          walk_with<what::weak, weak_visitor>(),
                                          fits_in_room<F> ? 0 : sizeof(F),
                                          !owns_nothing<F>};
};

template <what W, class V>
consteval auto walk_of() {
    if constexpr (std::is_same_v<V, subtract_visitor>) {
        return &function_table::subtract;
    } else if constexpr (std::is_same_v<V, reach_visitor>) {
        return &function_table::reach;
    } else if constexpr (std::is_same_v<V, edge_visitor>) {
        return &function_table::visit;
    } else {
        static_assert(std::is_same_v<V, weak_visitor>, "a visitor that function_table does not know");
        return &function_table::visit_weak;
    }
}

struct function_access {
    // What the target takes beside the function itself.
    template <class Sum, class F>
    static void storage(F& function, Sum& sum) {
        if (function.table_ == nullptr) return;
        const function_table& table = *function.table_;
        if (table.block_size != 0) sum.add(table.target(function.room_), table.block_size);
        if (table.may_own) sum.add_unseen();
    }
    template <what W, class N, class V, class F>
    static void walk(N& nesting, V&, F& function) {
        if (function.table_ == nullptr) return;
        const function_table& table = *function.table_;
        if (const erased_walk walk = table.*walk_of<W, V>()) behind(nesting, walk, table.target(function.room_));
    }
};

template <what W, class N, class V, class F>
void walk_function(N& nesting, V& visitor, F& function) {
    function_access::walk<W>(nesting, visitor, function);
}

template <class R, class... A>
struct callable_table : function_table {
    R (*call)(void* room, A&&... arguments);
};

// A function with its captures: fields that it gets in front of the arguments.
template <class F, class... C>
inline constexpr bool owns_nothing<closure_of<F, C...>> = owns_nothing<F> && (owns_nothing<C> && ...);
template <class F, class... C>
class closure_of {
  public:
    template <class... B>
    explicit closure_of(F function, B&&... captures)
        : function_(std::move(function)), captures_(std::forward<B>(captures)...) {}

    template <class... A>
    requires std::is_invocable_v<F&, C&..., A...>
    decltype(auto) operator()(A&&... arguments) {
        return std::apply(
            [&](C&... captures) -> decltype(auto) {
                return std::invoke(function_, captures..., std::forward<A>(arguments)...);
            },
            captures_);
    }

  private:
    [[no_unique_address]] F function_;
    std::tuple<C...> captures_;
    KRAIT_FIELDS(captures_);
};

} // namespace detail

template <class R, class... A>
class function<R(A...)> {
  public:
    using result_type = R;

    constexpr function() noexcept = default;
    constexpr function(std::nullptr_t) noexcept {}
    // Of a null pointer: without a target. Throws std::bad_alloc, and what copying f throws.
    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, function> && std::is_invocable_r_v<R, std::decay_t<F>&, A...>)
        function(F&& f) {
        using target = std::decay_t<F>;
        static_assert(
            std::is_copy_constructible_v<target>,
            "krait: a function is copied with what it captures: capture a krait::ref to what cannot be copied");
        using seen [[maybe_unused]] = decltype(detail::check_inside<function, target>());
        if constexpr (std::is_pointer_v<std::remove_cvref_t<F>> || std::is_member_pointer_v<target>)
            if (f == nullptr) return;
        detail::room_of<target>::make(room_, std::forward<F>(f));
        table_ = &table_of<target>;
    }
    function(const function& other) : table_(other.table_) {
        if (table_ != nullptr) table_->copy(other.room_, room_);
    }
    function(function&& other) noexcept : table_(std::exchange(other.table_, nullptr)) {
        if (table_ != nullptr) table_->move(other.room_, room_);
    }
    // The old target goes last: its destructor already sees the new one.
    function& operator=(const function& other) {
        function(other).swap(*this);
        return *this;
    }
    function& operator=(function&& other) noexcept {
        function(std::move(other)).swap(*this);
        return *this;
    }
    ~function() {
        if (table_ != nullptr) table_->destroy(room_);
    }

    void swap(function& other) noexcept {
        function aside;
        aside.take(*this);
        take(other);
        other.take(aside);
    }
    explicit operator bool() const noexcept { return table_ != nullptr; }
    friend bool operator==(const function& f, std::nullptr_t) noexcept { return f.table_ == nullptr; }

    // Throws std::bad_function_call if there is no target. The target may change what it captures.
    R operator()(A... arguments) const {
        if (table_ == nullptr) throw std::bad_function_call();
        return table_->call(room_, std::forward<A>(arguments)...);
    }

  private:
    friend detail::function_access;
    using table = detail::callable_table<R, A...>;

    template <class F>
    static R call(void* room, A&&... arguments) {
        if constexpr (std::is_void_v<R>)
            std::invoke(*detail::room_of<F>::in(room), std::forward<A>(arguments)...);
        else
            return std::invoke(*detail::room_of<F>::in(room), std::forward<A>(arguments)...);
    }
    template <class F>
    static constexpr table table_of{detail::room_of<F>::table, call<F>};

    // Into one that has no target.
    void take(function& other) noexcept {
        table_ = std::exchange(other.table_, nullptr);
        if (table_ != nullptr) table_->move(other.room_, room_);
    }

    const table* table_ = nullptr;
    alignas(void*) mutable detail::function_room room_;
};

// A function object that calls f(captures..., arguments...). The captures are copied in, as by a lambda.
template <class F, class... C>
auto closure(F f, C&&... captures) {
    static_assert(detail::holds_nothing<F>(),
                  "krait: what a lambda captures cannot be seen: give closure() what it captures, and let the lambda "
                  "take it as its first parameters");
    return detail::closure_of<F, std::decay_t<C>...>(std::move(f), std::forward<C>(captures)...);
}

} // namespace krait
