// Which types can be part of a cycle of references, judged by the types alone. The others are never tracked.
//
// Two statements about a type, made inside it, come first; derived classes inherit them:
//   using krait_cyclic = void;    objects are tracked, whatever the types say, and may lead anywhere
//   using krait_acyclic = void;   objects are never part of a cycle, whatever the types say; a wrong one leaks cycles
//
//   targets(T) = the types of object that the references in a T lead to. Of a reference to a U: U itself, or unknown if
//                any derived class is expected: U is void, or polymorphic and not final. And unknown if T says
//                krait_cyclic
//   reach(T)   = targets(T), their targets, and so on
//   cyclic(T) <=> reach(T) contains T, a base class of T, or unknown
//   rank(T)    = infinite if something in reach(T) reaches itself, else higher than all in targets(T)
//
// Behind a reference to a U may stand a D that derives from it, which the judgement of other types did not see. So a D
// converts to a U only if rank(D) <= rank(U) and each V in reach(D) of infinite rank is one of
//   seen      V or unknown is in reach(U)
//   cyclic    cyclic(V), and V is not unknown
// where a D that is polymorphic and not final stands for any class, and leads to unknown. Two conversions in a row then
// are one that compiles, and no object of an acyclic type T is in a cycle of references. Proof: finite ranks fall along
// references, so all in a cycle are infinite. unknown is not in reach(T), and no step adds it. The cycle comes back to
// the object behind a reference to a U, which is T or a base class of it. U is not cyclic, or T, which has its
// references, would be. So every step has seen U, back to the first: U is in reach(T), and T is cyclic.
//
//   make, gc, make_shared      -> acyclic_v -> leads_to -> targets_t -> target_of
//   conversions of references  -> unseen -> unseen_among -> may_add -> reach_t, rank
//   weak_key_map               -> may_hang_on -> unseen_among: a value is like a field of a class derived from its
//                              key's
#pragma once

#include <cstddef>
#include <type_traits>

#include <krait/object/parts.hpp>

namespace krait {
namespace detail {

// The type of object that a reference of type R may lead to; unknown if any derived class may be behind it.
template <class R>
auto target_of() {
    if constexpr (std::is_same_v<R, unknown>) {
        return type_list<unknown>{};
    } else {
        using T = std::remove_cv_t<typename R::element_type>;
        if constexpr (std::is_void_v<T>) {
            return type_list<unknown>{};
        } else {
            static_assert(complete<T>, "krait: a type that a reference leads to must be complete where an object is "
                                       "made: whether it can be part of a cycle decides the size of its head");
            if constexpr (!complete<T>)
                return type_list<>{};
            else if constexpr (says_acyclic<T> && !says_cyclic<T>)
                return type_list<>{};
            else if constexpr (std::is_polymorphic_v<T> && !std::is_final_v<T>)
                return type_list<unknown>{};
            else
                return type_list<T>{};
        }
    }
}

template <class List>
struct targets;
template <class... R>
struct targets<type_list<R...>> {
    template <class Out, class First, class... Rest>
    static auto gather(type_list<First, Rest...>, Out) {
        if constexpr (is_weak<First> || is_std_shared<First> || says_thread_bound<First>)
            return gather(type_list<Rest...>{}, Out{});
        else
            return gather(type_list<Rest...>{}, join_t<Out, decltype(target_of<First>())>{});
    }
    template <class Out>
    static auto gather(type_list<>, Out) {
        return Out{};
    }
    using type = decltype(gather(type_list<R...>{}, type_list<>{}));
};
template <class T>
using targets_t =
    join_t<typename targets<held_t<T>>::type, std::conditional_t<says_cyclic<T>, type_list<unknown>, type_list<>>>;

// Whether following references from the pending types can lead to a T, which may be behind a reference to its base
// class.
template <class T, class Seen, class Pending>
struct leads_to;
template <class T, class Seen>
struct leads_to<T, Seen, type_list<>> : std::false_type {};
template <class T, class Seen, class U, class... Rest>
struct leads_to<T, Seen, type_list<U, Rest...>> {
    static constexpr bool find() {
        if constexpr (std::is_same_v<U, T> || std::is_same_v<U, unknown> || std::is_base_of_v<U, T>)
            return true;
        else if constexpr (contains<U, Seen>)
            return leads_to<T, Seen, type_list<Rest...>>::value;
        else
            return leads_to<T, append_t<Seen, U>, join_t<targets_t<U>, type_list<Rest...>>>::value;
    }
    static constexpr bool value = find();
};

template <class T>
constexpr bool acyclic() {
    if constexpr (std::is_void_v<T> || says_cyclic<T>)
        return false;
    else if constexpr (says_acyclic<T>)
        return true;
    else
        return !leads_to<T, type_list<>, targets_t<T>>::value;
}

template <class Reached, class Pending>
struct collect_reach;
template <class Reached>
struct collect_reach<Reached, type_list<>> {
    using type = Reached;
};
template <class Reached, class T, class... Rest>
struct collect_reach<Reached, type_list<T, Rest...>> {
    static auto step() {
        if constexpr (contains<T, Reached>)
            return collect_reach<Reached, type_list<Rest...>>{};
        else
            return collect_reach<append_t<Reached, T>, join_t<targets_t<T>, type_list<Rest...>>>{};
    }
    using type = typename decltype(step())::type;
};
template <class T>
using reach_t = typename collect_reach<type_list<>, targets_t<T>>::type;

inline constexpr std::size_t infinite_rank = static_cast<std::size_t>(-1);

// Any rank would do that falls along references. This one leaves the most programs alone: a class that may be a base
// class stands above strings, numbers and final classes, which derived classes may add to it.
template <class T>
inline constexpr std::size_t own_rank = std::is_class_v<T> && !std::is_final_v<T> && !container<T> ? 1 << 20 : 0;

template <class T>
consteval std::size_t rank_of();
template <class T>
inline constexpr std::size_t rank = rank_of<T>();

template <class T>
consteval std::size_t rank_of() {
    constexpr bool endless = []<class... V>(type_list<V...>) { return (contains<V, reach_t<V>> || ...); }(reach_t<T>{});
    if constexpr (endless)
        return infinite_rank;
    else
        return []<class... V>(type_list<V...>) {
            std::size_t most = own_rank<T>;
            ((most = most > rank<V> ? most : rank<V> + 1), ...);
            return most;
        }(targets_t<T>{});
}

// Whether an object behind a reference to a U may lead to a V, too.
template <class U, class V>
consteval bool may_add() {
    if constexpr (contains<V, reach_t<U>> || contains<unknown, reach_t<U>>)
        return true;
    else if constexpr (std::is_same_v<V, unknown>)
        return false;
    else if constexpr (rank<V> == infinite_rank)
        return rank<U> == infinite_rank && !acyclic<V>();
    else
        return rank<V> < rank<U>;
}

// Those of the types that it may not lead to.
template <class U, class List>
struct unseen_among {
    using type = type_list<>;
};
template <class U, class V, class... Rest>
struct unseen_among<U, type_list<V, Rest...>> {
    using later = typename unseen_among<U, type_list<Rest...>>::type;
    using type = std::conditional_t<may_add<U, V>(), later, join_t<type_list<V>, later>>;
};

// What a reference to a derived class would add to one to its base class, unseen.
template <class To, class From>
struct unseen {
    template <class T>
    static constexpr bool open = contains<unknown, decltype(target_of<ref<T>>())>;

    static auto find() {
        if constexpr (std::is_same_v<To, From> || open<To> || says_cyclic<To>) {
            return type_list<>{};
        } else if constexpr (says_acyclic<To> || says_acyclic<From>) {
            return std::conditional_t<acyclic<From>(), type_list<>, type_list<From>>{};
        } else if constexpr (open<From>) { // a reference to it may lead to a class that derives further
            return typename unseen_among<To, type_list<unknown>>::type{};
        } else {
            using found = typename unseen_among<To, reach_t<From>>::type;
            return std::conditional_t < none<found> && (rank<From> > rank<To>), type_list<From>, found > {};
        }
    }
    using type = decltype(find());
};

// Whether an object behind a reference to a K, of K or any class derived from it, may get a V like a further field.
template <class K, class V>
inline constexpr bool may_hang_on =
    !acyclic<K>() && rank<K> == infinite_rank && none<typename unseen_among<K, reach_t<V>>::type>;

} // namespace detail

// Whether the types prove that no object of type T can be part of a cycle of references. Such objects have a head of
// 16 bytes, are never tracked and cost the collector nothing. Derived classes are judged for themselves.
template <class T>
inline constexpr bool acyclic_v = detail::acyclic<std::remove_cv_t<T>>();

} // namespace krait
