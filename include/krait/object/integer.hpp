// Boxed integers, for graphs whose nodes are all objects. As in CPython, -5 to 256 exist once (in each thread), so that
// most boxes cost no allocation; boxes of larger numbers are objects of their own.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <type_traits>

#include <krait/object/make.hpp>

namespace krait {

class integer {
  public:
    using krait_thread_bound = void;

    static constexpr std::int64_t smallest_cached = -5;
    static constexpr std::int64_t largest_cached = 256;

    // Throws std::bad_alloc.
    integer(std::int64_t value = 0) : box_(box_of(value)) {}

    std::int64_t value() const noexcept { return *box_; }
    operator std::int64_t() const noexcept { return *box_; }
    // Identity: always the same for the cached values, in one thread.
    bool is(const integer& other) const noexcept { return box_ == other.box_; }
    const ref<const std::int64_t>& box() const noexcept { return box_; }

    friend bool operator==(const integer& a, const integer& b) noexcept { return a.value() == b.value(); }
    friend auto operator<=>(const integer& a, const integer& b) noexcept { return a.value() <=> b.value(); }
    // Exact for every number: a plain conversion could go either way, and lose some.
    template <class N>
    requires std::is_arithmetic_v<N>
    friend bool operator==(const integer& a, N b) noexcept { return (a <=> b) == 0; }
    template <class N>
    requires std::is_arithmetic_v<N>
    friend auto operator<=>(const integer& a, N b) noexcept {
        if constexpr (std::is_unsigned_v<N> && sizeof(N) == sizeof(std::int64_t))
            return a.value() < 0 ? std::strong_ordering::less : static_cast<std::uint64_t>(a.value()) <=> b;
        else if constexpr (std::is_floating_point_v<N>)
            return static_cast<long double>(a.value()) <=> static_cast<long double>(b);
        else
            return a.value() <=> static_cast<std::int64_t>(b);
    }

  private:
    struct cache {
        std::array<ref<const std::int64_t>, largest_cached - smallest_cached + 1> boxes;
        cache() {
            std::int64_t next = smallest_cached;
            for (auto& box : boxes) box = make<std::int64_t>(next++);
        }
        cache(const cache&) = delete;
        cache& operator=(const cache&) = delete;
        ~cache() { thread_ends = true; }
    };
    static inline constinit thread_local bool thread_ends = false;

    static ref<const std::int64_t> box_of(std::int64_t value) {
        if (value < smallest_cached || value > largest_cached || thread_ends) return make<std::int64_t>(value);
        static thread_local const cache small;
        return small.boxes[static_cast<std::size_t>(value - smallest_cached)];
    }

    ref<const std::int64_t> box_;
};

// A box leads nowhere, and garbage's integers keep their values for its destructors.
template <>
inline constexpr bool holds_no_references<integer> = true;

} // namespace krait

template <>
struct std::hash<krait::integer> {
    std::size_t operator()(const krait::integer& i) const noexcept { return std::hash<std::int64_t>{}(i.value()); }
};
