// lru_cache: a function that remembers its results, CPython's functools.lru_cache.
//
//     krait::lru_cache<long(int)> fib([&](int n) -> long { return n < 2 ? n : fib(n - 1) + fib(n - 2); }, 128);
//
// A hit makes its entry the newest; a miss counts first, then calls the function with nothing held (it may call the
// cache again), and stores the result unless a nested call has stored one. A full cache gives up its oldest entry. What
// the function throws is passed on and not remembered.
//
// Threads that miss the same key at the same time compute it once, where CPython's do so each: the others wait, and
// their calls are hits. If it throws, the next of them tries. Nobody waits for himself: a nested call for the key that
// is being computed, directly or by way of other threads and caches that wait for each other, computes it, as in
// CPython.
//
//   cache(f)   a cache of all results of f: functools.cache
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <krait/object/single_flight.hpp>

namespace krait {

class object; // value/object.hpp

// The mutex of a cache that one thread uses.
struct no_mutex {
    void lock() noexcept {}
    void unlock() noexcept {}
};

namespace detail {

// Views compare what they point to, or should: the text may be gone or changed when the next call compares.
template <class T>
inline constexpr bool owns_what_it_compares = true;
template <class C, class Traits>
inline constexpr bool owns_what_it_compares<std::basic_string_view<C, Traits>> = false;
template <class T, std::size_t N>
inline constexpr bool owns_what_it_compares<std::span<T, N>> = false;
template <class T>
inline constexpr bool owns_what_it_compares<std::reference_wrapper<T>> = false;
template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;
template <class T>
inline constexpr bool owns_what_it_compares<T*> = !is_character<std::remove_cv_t<T>>;
template <class T, class Allocator>
inline constexpr bool owns_what_it_compares<std::vector<T, Allocator>> = owns_what_it_compares<T>;
template <class... T>
inline constexpr bool owns_what_it_compares<std::variant<T...>> = (owns_what_it_compares<T> && ...);
template <class... T>
inline constexpr bool owns_what_it_compares<std::tuple<T...>> = (owns_what_it_compares<T> && ...);
template <class A, class B>
inline constexpr bool owns_what_it_compares<std::pair<A, B>> = owns_what_it_compares<A>&& owns_what_it_compares<B>;
template <class T>
inline constexpr bool owns_what_it_compares<std::optional<T>> = owns_what_it_compares<T>;

// Whether comparing T's may run code of the program: an instance's __eq__. It may use the cache that compares.
template <class T>
inline constexpr bool compares_by_code = std::is_base_of_v<object, T>;

// What a cache can keep, give up for another and give out again.
template <class R>
inline constexpr bool can_be_kept = std::is_object_v<R>&& std::is_copy_constructible_v<R>&& std::is_swappable_v<R>;

template <class Hash, class T>
concept hashes = requires(const T& key) {
    { Hash{}(key) } -> std::convertible_to<std::size_t>;
};

} // namespace detail

struct lru_cache_info {
    std::size_t hits;
    std::size_t misses;
    std::optional<std::size_t> maxsize;
    std::size_t currsize;
};

struct lru_cache_parameters {
    std::optional<std::size_t> maxsize;
    bool typed;
};

// std::hash of any type.
struct any_hash {
    template <class T>
    requires requires(const T& key) { std::hash<T>{}(key); }
    std::size_t operator()(const T& key) const { return std::hash<T>{}(key); }
};

// Hash and Equal are called for each argument: Hash{}(a), Equal{}(a, b). Results are returned by value. With Mutex =
// std::mutex the cache may be used by several threads at the same time.
template <class Signature, class Mutex = no_mutex, class Hash = any_hash, class Equal = std::equal_to<>>
class lru_cache;

template <class R, class... A, class Mutex, class Hash, class Equal>
class lru_cache<R(A...), Mutex, Hash, Equal> {
    static_assert(
        (detail::owns_what_it_compares<std::decay_t<A>> && ...),
        "krait: an lru_cache keeps its arguments, and a std::string_view, a span or a const char* does not own "
        "what it compares: take a std::string");
    static_assert(detail::can_be_kept<R>,
                  "krait: an lru_cache keeps results and gives out copies: return a value that can be copied and "
                  "assigned, a pointer instead of a reference, a krait::ref or a std::shared_ptr instead of what can "
                  "only be moved; of void there is nothing to keep");

  public:
    // maxsize: the number of results kept; std::nullopt: all of them; 0: none, calls are only counted.
    // typed: calls with arguments of different types, f(3) and f(3.0), are remembered separately.
    explicit lru_cache(std::function<R(A...)> function, std::optional<std::size_t> maxsize = 128, bool typed = false)
        : function_(std::move(function)), maxsize_(maxsize), typed_(typed) {}
    lru_cache(const lru_cache&) = delete;
    lru_cache& operator=(const lru_cache&) = delete;

    template <class... B>
    requires(sizeof...(B) == sizeof...(A) && (std::convertible_to<B, A> && ...)) R operator()(B&&... arguments) {
        static_assert((detail::hashes<Hash, std::decay_t<A>> && ...),
                      "krait: an lru_cache finds its results by hash: specialise std::hash for the type of each "
                      "argument, or name a hasher: lru_cache<R(A...), no_mutex, Hash>");
        static_assert(
            (std::is_invocable_r_v<bool, Equal, const std::decay_t<A>&, const std::decay_t<A>&> && ...),
            "krait: an lru_cache compares arguments: give the type of each an operator==, or name an equality: "
            "lru_cache<R(A...), no_mutex, Hash, Equal>");
        if constexpr (!detail::can_be_kept<R>)
            return function_(std::forward<B>(arguments)...); // one error is enough
        else if constexpr ((std::is_same_v<std::decay_t<A>, std::remove_cvref_t<B>> && ...))
            return call(type_tag<std::remove_cvref_t<B>...>(), arguments...);
        else
            return call(type_tag<std::remove_cvref_t<B>...>(), static_cast<std::decay_t<A>>(arguments)...);
    }

    lru_cache_info cache_info() const {
        const std::lock_guard guard(mutex_);
        return {hits_, misses_, maxsize_, maxsize_ == std::size_t{0} ? 0 : entries_.size()};
    }
    // Forgets all results and zeroes the counters.
    void cache_clear() {
        std::vector<entry> old; // destroyed when nothing is held
        const std::lock_guard guard(mutex_);
        ++changes_;
        old.swap(entries_);
        buckets_.clear();
        newest_ = oldest_ = none;
        hits_ = misses_ = 0;
        flights_.clear(); // who calls from now on does not want what was computed before
    }
    lru_cache_parameters cache_parameters() const noexcept { return {maxsize_, typed_}; }
    // The function itself, without the cache.
    const std::function<R(A...)>& wrapped() const noexcept { return function_; }

  private:
    using key = std::tuple<std::decay_t<A>...>;
    using kept = std::conditional_t<detail::can_be_kept<R>, R, char>; // R, but where that is refused
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    static constexpr bool one_thread = std::is_same_v<Mutex, no_mutex>;

    struct journey : detail::flight {
        std::size_t hash;
        const void* types;
        std::tuple<const std::decay_t<A>&...> arguments; // the pilot's own
        std::optional<kept> result{};                    // none if the function threw

        journey(std::size_t h, const void* t, const std::decay_t<A>&... a) : hash(h), types(t), arguments(a...) {}
    };
    // One that the calling thread is the pilot of, from its start to its landing. Null where nobody can wait.
    class piloted {
      public:
        piloted(lru_cache& cache, std::shared_ptr<journey> mine) : cache_(cache), journey_(std::move(mine)) {}
        piloted(const piloted&) = delete;
        piloted& operator=(const piloted&) = delete;
        ~piloted() {
            if (!journey_) return;
            {
                const std::lock_guard guard(cache_.mutex_);
                std::erase(cache_.flights_, journey_);
            }
            if (journey_->boarded) detail::land(*journey_);
        }
        void succeed(const kept& result) {
            if (journey_) journey_->result = result;
        }

      private:
        lru_cache& cache_;
        std::shared_ptr<journey> journey_;
    };

    struct entry {
        key arguments;
        const void* types;
        kept result;
        std::size_t hash;
        std::uint32_t next_in_bucket;
        std::uint32_t newer;
        std::uint32_t older;
    };

    template <class... B>
    const void* type_tag() const noexcept {
        static const char tag = 0;
        return typed_ ? &tag : nullptr;
    }

    static std::size_t hash_of(const void* types, const std::decay_t<A>&... arguments) {
        std::size_t hash = reinterpret_cast<std::uintptr_t>(types);
        ((hash = (hash ^ Hash{}(arguments)) * 0x9E3779B97F4A7C15u), ...);
        return hash ^ (hash >> 32);
    }

    template <class Kept>
    static bool same(const Kept& kept, const std::decay_t<A>&... arguments) {
        return std::apply([&](const auto&... k) { return (static_cast<bool>(Equal{}(k, arguments)) && ...); }, kept);
    }

    std::uint32_t find(std::size_t hash, const void* types, const std::decay_t<A>&... arguments) const {
        if (buckets_.empty()) return none;
        for (std::uint32_t i = buckets_[hash & (buckets_.size() - 1)]; i != none; i = entries_[i].next_in_bucket) {
            const entry& e = entries_[i];
            if (e.hash != hash || e.types != types) continue;
            if constexpr ((detail::compares_by_code<std::decay_t<A>> || ...)) {
                const key own = e.arguments; // the entry may go
                const std::size_t then = changes_;
                const bool found = same(own, arguments...);
                if (changes_ != then) return find(hash, types, arguments...); // the comparison has used the cache
                if (found) return i;
            } else if (same(e.arguments, arguments...)) {
                return i;
            }
        }
        return none;
    }

    kept call(const void* types, const std::decay_t<A>&... arguments) {
        const std::size_t hash = hash_of(types, arguments...);
        if constexpr (!one_thread) return call_together(hash, types, arguments...);
        if (const std::uint32_t found = find(hash, types, arguments...); found != none) return hit(found);
        ++misses_;
        return compute(hash, types, arguments...);
    }

    kept call_together(std::size_t hash, const void* types, const std::decay_t<A>&... arguments) {
        for (;;) {
            std::shared_ptr<journey> mine, theirs;
            {
                const std::lock_guard guard(mutex_);
                if (const std::uint32_t found = find(hash, types, arguments...); found != none) return hit(found);
                theirs = find_journey(hash, types, arguments...);
                if (theirs == nullptr) {
                    ++misses_;
                    mine = depart(hash, types, arguments...);
                }
            }
            if (theirs == nullptr) {
                piloted flight(*this, std::move(mine)); // lands when the result is stored
                kept result = compute(hash, types, arguments...);
                flight.succeed(result);
                return result;
            }
            detail::wait_for_landing(*theirs);
            if (!theirs->result) continue; // the pilot's function has thrown
            const std::lock_guard guard(mutex_);
            ++hits_;
            return *theirs->result;
        }
    }

    kept hit(std::uint32_t found) {
        ++hits_;
        if (maxsize_ && found != newest_) {
            take_out(found);
            make_newest(found);
        }
        return entries_[found].result;
    }

    kept compute(std::size_t hash, const void* types, const std::decay_t<A>&... arguments) {
        kept result = function_(arguments...);
        if (maxsize_ != std::size_t{0}) store(hash, types, key(arguments...), result);
        return result;
    }

    // One under way for the key, which this thread will wait for; null if there is none, or none to wait for.
    std::shared_ptr<journey> find_journey(std::size_t hash, const void* types,
                                          const std::decay_t<A>&... arguments) const {
        for (const auto& other : flights_)
            if (other->hash == hash && other->types == types && same(other->arguments, arguments...) &&
                detail::board(*other))
                return other;
        return nullptr;
    }
    std::shared_ptr<journey> depart(std::size_t hash, const void* types, const std::decay_t<A>&... arguments) {
        if (maxsize_ == std::size_t{0}) return nullptr; // calls are only counted
        return flights_.emplace_back(std::make_shared<journey>(hash, types, arguments...));
    }

    void store(std::size_t hash, const void* types, key arguments, kept result) {
        const std::lock_guard guard(mutex_); // released before the arguments and the result, which may be old ones, go
        if (std::apply([&](const auto&... a) { return find(hash, types, a...); }, arguments) != none) return;
        ++changes_;
        if (maxsize_ && entries_.size() >= *maxsize_) {
            const std::uint32_t index = oldest_;
            take_out(index);
            leave_bucket(index);
            entry& e = entries_[index];
            std::swap(e.arguments, arguments);
            std::swap(e.result, result);
            e.types = types;
            e.hash = hash;
            enter_bucket(index);
            make_newest(index);
        } else {
            if (entries_.size() >= buckets_.size()) grow();
            entries_.push_back({std::move(arguments), types, std::move(result), hash, none, none, none});
            const auto index = static_cast<std::uint32_t>(entries_.size() - 1);
            enter_bucket(index);
            make_newest(index);
        }
    }

    void grow() {
        std::vector<std::uint32_t> buckets(buckets_.empty() ? 16 : buckets_.size() * 2, none);
        buckets_.swap(buckets);
        for (std::uint32_t i = 0; i < entries_.size(); ++i) enter_bucket(i);
    }
    std::uint32_t& bucket_of(std::uint32_t index) { return buckets_[entries_[index].hash & (buckets_.size() - 1)]; }
    void enter_bucket(std::uint32_t index) { entries_[index].next_in_bucket = std::exchange(bucket_of(index), index); }
    void leave_bucket(std::uint32_t index) {
        std::uint32_t* link = &bucket_of(index);
        while (*link != index) link = &entries_[*link].next_in_bucket;
        *link = entries_[index].next_in_bucket;
    }
    void make_newest(std::uint32_t index) {
        entries_[index].newer = none;
        entries_[index].older = newest_;
        (newest_ == none ? oldest_ : entries_[newest_].newer) = index;
        newest_ = index;
    }
    void take_out(std::uint32_t index) {
        const entry& e = entries_[index];
        (e.newer == none ? newest_ : entries_[e.newer].older) = e.older;
        (e.older == none ? oldest_ : entries_[e.older].newer) = e.newer;
    }

    std::function<R(A...)> function_;
    std::optional<std::size_t> maxsize_;
    bool typed_;
    std::vector<entry> entries_;
    std::vector<std::uint32_t> buckets_; // a power of two
    std::uint32_t newest_ = none;
    std::uint32_t oldest_ = none;
    std::size_t hits_ = 0;
    std::size_t misses_ = 0;
    std::size_t changes_ = 0; // of entries_
    std::vector<std::shared_ptr<journey>> flights_;
    mutable Mutex mutex_;
};

template <class R, class... A>
lru_cache(R (*)(A...)) -> lru_cache<R(A...)>;
template <class R, class... A>
lru_cache(R (*)(A...), std::optional<std::size_t>, bool = false) -> lru_cache<R(A...)>;

namespace detail {
template <class F>
struct call_signature;
template <class S>
struct call_signature<std::function<S>> {
    using type = S;
};
} // namespace detail

// The function with a cache of all its results: CPython's functools.cache. cache<std::mutex>(f) serves several threads.
template <class Mutex = no_mutex, class F>
auto cache(F&& f) {
    using call_signature = typename detail::call_signature<decltype(std::function(std::forward<F>(f)))>::type;
    return lru_cache<call_signature, Mutex>(std::forward<F>(f), std::nullopt);
}

} // namespace krait
