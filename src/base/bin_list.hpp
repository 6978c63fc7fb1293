// What the two counters of a bin say of its list (core/bin.hpp): for its owner and for readers from outside.
//
//   open:    blocks in the list = batch - room;  room < 0 only while a list longer than the batch is used up
//   closed:  room = bin_is_closed + blocks that signal handlers popped since;  the list has none, or none that count:
//            nothing is pushed
#pragma once

#include <algorithm>
#include <cstdint>

namespace krait {

inline constexpr std::int32_t bin_is_closed = -(std::int32_t{1} << 30);

constexpr bool is_closed(std::int32_t room) noexcept { return room < bin_is_closed / 2; }

constexpr std::uint64_t blocks_listed(std::int32_t batch, std::int32_t room) noexcept {
    return is_closed(room) ? 0 : static_cast<std::uint64_t>(std::max(batch - room, std::int32_t{0}));
}

} // namespace krait
