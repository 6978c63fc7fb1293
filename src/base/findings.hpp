// What a check of invariants found: how many contradictions, and a line for each of the first ones.
#pragma once

#include "base/text.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace krait {

// What a finding is about: "pool 17", "class 64".
struct subject {
    std::string_view kind;
    std::uint64_t number;
};

class findings {
  public:
    // Lines go to `out`, which may be null, as far as the first `most_lines`.
    explicit findings(text* out) noexcept : out_(out) {}

    // "krait: check: pool 17: WHAT is 3, not 2", unless they are equal.
    void equal(subject about, std::string_view what, std::uint64_t found, std::uint64_t expected) noexcept {
        if (found != expected) add_difference(about, what, found, expected);
    }

    // "krait: check: pool 17: WHAT", unless `holds`: `what` says what is wrong. Returns `holds`.
    bool that(bool holds, subject about, std::string_view what) noexcept {
        if (!holds) add(about, what);
        return holds;
    }

    std::size_t count() const noexcept { return count_; }

  private:
    static constexpr std::size_t most_lines = 100;

    bool begin_line(subject about) noexcept;
    [[gnu::cold]] void add(subject about, std::string_view what) noexcept;
    [[gnu::cold]] void add_difference(subject about, std::string_view what, std::uint64_t found,
                                      std::uint64_t expected) noexcept;

    text* out_;
    std::size_t count_ = 0;
};

} // namespace krait
