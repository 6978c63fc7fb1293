// A fuzzer's bytes as choices. When they are used up every choice is the first one, and is_over() says that it is time to stop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace krait::fuzz {

class input {
  public:
    explicit input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    bool is_over() const { return bytes_.empty(); }

    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const std::uint8_t first = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return first;
    }

    // A number under `bound`, from as few bytes as it takes.
    std::size_t below(std::size_t bound) {
        std::size_t number = byte();
        for (std::size_t reach = 256; reach < bound; reach *= 256) number = number * 256 + byte();
        return number % bound;
    }
    bool once_in(std::size_t times) { return below(times) == times - 1; }

    template <class T, std::size_t N>
    const T& pick(const std::array<T, N>& from) {
        return from[below(N)];
    }

    // The first 1 / `parts` of what is left, as an input of its own.
    input part(std::size_t parts) {
        const std::size_t length = bytes_.size() / parts;
        const input first(bytes_.first(length));
        bytes_ = bytes_.subspan(length);
        return first;
    }

  private:
    std::span<const std::uint8_t> bytes_;
};

} // namespace krait::fuzz
