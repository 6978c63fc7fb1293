#include "doctor/address_map.hpp"

#include <algorithm>
#include <charconv>

namespace krait::tools {

namespace {

// The word up to the next blank, which is taken away with the blanks behind it.
std::string_view next_word(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
    return word;
}

std::uint64_t number(std::string_view text, int base) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

mapping mapping_of(std::string_view line) {
    mapping made;
    const std::string_view range = next_word(line);
    const std::size_t dash = std::min(range.find('-'), range.size());
    made.start = number(range.substr(0, dash), 16);
    made.end = dash < range.size() ? number(range.substr(dash + 1), 16) : made.start;
    const std::string_view rights = next_word(line);
    if (rights.size() == 4) {
        made.is_readable = rights[0] == 'r';
        made.is_writable = rights[1] == 'w';
        made.is_executable = rights[2] == 'x';
        made.is_shared = rights[3] == 's';
    }
    made.offset = number(next_word(line), 16);
    next_word(line); // the device
    made.inode = number(next_word(line), 10);
    made.path = line;
    return made;
}

} // namespace

address_map::address_map(const foreign_process& process) : address_map(process.maps()) {}

address_map::address_map(std::string_view maps_text) {
    while (!maps_text.empty()) {
        const std::size_t end = std::min(maps_text.find('\n'), maps_text.size());
        if (mapping made = mapping_of(maps_text.substr(0, end)); made.start < made.end) all_.push_back(std::move(made));
        maps_text.remove_prefix(std::min(end + 1, maps_text.size()));
    }
}

const mapping* address_map::at(foreign_address address) const noexcept {
    const auto above = std::upper_bound(all_.begin(), all_.end(), address,
                                        [](foreign_address value, const mapping& each) { return value < each.start; });
    if (above == all_.begin()) return nullptr;
    const mapping& below = *(above - 1);
    return below.has(address) ? &below : nullptr;
}

} // namespace krait::tools
