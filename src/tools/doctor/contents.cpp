#include "doctor/contents.hpp"

#include "trace/amount_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace krait::tools {

namespace {

constexpr std::uint64_t pointer_bytes = 8;
constexpr std::uint64_t function_bytes = 32;
constexpr unsigned most_looked_at = 64;

bool is_printable(char c) { return c >= ' ' && c < '\x7f'; }

// "std::_Sp_counted_ptr_inplace<session, std::allocator<void>, ...>" holds a session.
std::string without_control_block(const std::string& type) {
    const std::size_t open = type.find('<');
    if (!type.starts_with("std::_Sp_counted") || open == std::string::npos) return type;
    int depth = 0;
    std::size_t end = open + 1;
    for (; end < type.size(); ++end) {
        if (type[end] == '<') ++depth;
        if (depth == 0 && (type[end] == ',' || type[end] == '>')) break;
        if (type[end] == '>') --depth;
    }
    return fmt::format("{} in a shared_ptr", type.substr(open + 1, end - open - 1));
}

} // namespace

std::string container::text() const {
    const std::string count = elements == 1 ? "1 element" : count_text(static_cast<double>(elements)) + " elements";
    const std::string in_use = bytes_text(static_cast<double>(bytes));
    switch (kind) {
    case container_kind::vector:
        if (has_functions) return fmt::format("std::vector of {} std::function", elements);
        if (has_objects) return fmt::format("std::vector of {} pointers to objects", elements);
        return elements != 0 ? fmt::format("std::vector of {} pointers", elements) : "std::vector with " + in_use;
    case container_kind::string:
        return "std::string of " + in_use;
    case container_kind::list:
        return "std::list of " + count;
    case container_kind::tree:
        return "std::map or set of " + count;
    case container_kind::hash_table:
        return "std::unordered_map or set of " + count;
    case container_kind::deque:
        return "std::deque with " + in_use;
    case container_kind::function:
        return "std::function";
    }
    return {};
}

contents::contents(const picture_memory& memory, const heap_blocks& blocks, const address_map& map,
                   process_names& names, exact_objects& objects)
    : memory_(memory), blocks_(blocks), map_(map), names_(names), objects_(objects), records_(memory, blocks, names),
      python_type_(names.address_of_variable("PyType_Type")) {}

bool contents::is_block_start(foreign_address at) const {
    const slot_id slot = at % pointer_bytes == 0 ? blocks_.live_at(at) : no_slot;
    return slot != no_slot && blocks_[slot].start == at;
}

// Whether a pointer to an object leads there.
bool contents::is_object(foreign_address at) {
    const slot_id slot = at % pointer_bytes == 0 ? blocks_.live_at(at) : no_slot;
    if (slot == no_slot) return false;
    if (objects_.has(slot)) return true;
    const heap_block block = blocks_[slot];
    return block.start == at ? !names_.type_of_vtable(word(at)).empty() : !records_.type_of(block).empty();
}

// From the address to its block's end; 0 in no block.
std::uint64_t contents::block_bytes(foreign_address at) const {
    const slot_id slot = blocks_.live_at(at);
    if (slot == no_slot) return 0;
    const heap_block block = blocks_[slot];
    return block.start + block.size - at;
}

std::string contents::type_of(slot_id slot) {
    if (objects_.has(slot)) return objects_.name_of(slot);
    const heap_block block = blocks_[slot];
    if (block.size < pointer_bytes) return {};
    const std::uint64_t first = word(block.start);
    if (const std::string& type = names_.type_of_vtable(first); !type.empty()) return without_control_block(type);
    if (std::string type = records_.type_of(block); !type.empty()) return type;
    if (python_type_ == 0) return {};
    constexpr foreign_address collector_head = 16;
    for (const foreign_address head : {foreign_address{0}, collector_head}) {
        if (block.size < head + 2 * pointer_bytes) break;
        if (std::string type = python_type_of(block.start + head); !type.empty()) return type;
    }
    return {};
}

// A reference count, and a type whose own type is a type.
std::string contents::python_type_of(foreign_address at) const {
    constexpr foreign_address type_at = 8, name_at = 24;
    const foreign_address type = word(at + type_at);
    if (word(at) == 0 || type % pointer_bytes != 0 || map_.at(type) == nullptr) return {};
    if (word(type + type_at) != python_type_) return {};
    const std::string name = memory_.text(word(type + name_at), 128);
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), is_printable);
    return is_name ? "Python's " + name : "";
}

std::string contents::text_of(const heap_block& block) const {
    constexpr std::size_t least = 6, most = 24;
    std::string text = memory_.text(block.start, std::min<std::size_t>(block.size, most + 1));
    if (text.size() < least || !std::all_of(text.begin(), text.end(), is_printable)) return {};
    return text.size() > most ? text.substr(0, most) + "..." : text;
}

char contents::kind_of(std::uint64_t value) const {
    if (value == 0) return '0';
    if (blocks_.live_at(value) != no_slot) return 'b';
    if (const mapping* const of = map_.at(value); of != nullptr)
        return of->is_executable ? 'c' : of->is_file() ? 'd' : 'm';
    if (value < (1U << 20) || value > ~std::uint64_t{1U << 20}) return 'n';
    const auto* const bytes = reinterpret_cast<const char*>(&value);
    return std::all_of(bytes, bytes + 4, is_printable) ? 't' : 'x';
}

std::string contents::looks_of(slot_id slot) {
    if (std::string type = type_of(slot); !type.empty()) return type;
    const heap_block block = blocks_[slot];
    const std::string size = bytes_text(static_cast<double>(block.size));
    if (!text_of(block).empty()) return size + " of text";
    static constexpr std::array<std::pair<char, const char*>, 8> words{{{'0', "0"},
                                                                        {'b', "block"},
                                                                        {'c', "code"},
                                                                        {'d', "static"},
                                                                        {'m', "memory"},
                                                                        {'n', "number"},
                                                                        {'t', "text"},
                                                                        {'x', "data"}}};
    std::string kinds;
    constexpr std::uint64_t shown = 4;
    for (std::uint64_t i = 0; i < std::min(shown, block.size / pointer_bytes); ++i) {
        const char kind = kind_of(word(block.start + i * pointer_bytes));
        const auto* const text =
            std::find_if(words.begin(), words.end(), [kind](auto each) { return each.first == kind; });
        kinds += (kinds.empty() ? "" : " ") + std::string(text->second);
    }
    return fmt::format("{} [{}]", size, kinds);
}

std::optional<container> contents::function_at(foreign_address at) {
    const foreign_address manager = word(at + 16), invoker = word(at + 24);
    if (manager == invoker || !names_.is_code(manager) || !names_.is_code(invoker)) return std::nullopt;
    const foreign_address capture = word(at);
    if (!is_block_start(capture)) return std::nullopt;
    return container{.kind = container_kind::function, .at = at, .storage = capture};
}

std::optional<container> contents::deque_at(foreign_address at) {
    constexpr std::uint64_t node_bytes = 512;
    const foreign_address nodes = word(at);
    const std::uint64_t count = word(at + 8);
    if (!is_block_start(nodes) || count < 8 || count * pointer_bytes > block_bytes(nodes)) return std::nullopt;
    struct end {
        foreign_address current, first, last, node;
    };
    const auto end_at = [this](foreign_address from) {
        return end{word(from), word(from + 8), word(from + 16), word(from + 24)};
    };
    const end front = end_at(at + 16), back = end_at(at + 48);
    const auto is_good = [&](const end& of) {
        return of.first <= of.current && of.current <= of.last && of.last - of.first <= node_bytes &&
               of.last > of.first && of.node >= nodes && of.node < nodes + count * pointer_bytes &&
               is_block_start(of.first) && word(of.node) == of.first;
    };
    if (!is_good(front) || !is_good(back) || front.node > back.node) return std::nullopt;
    const std::uint64_t span = front.last - front.first;
    const std::uint64_t between = (back.node - front.node) / pointer_bytes * span;
    const std::uint64_t in_use = between + (back.current - back.first) - (front.current - front.first);
    return container{.kind = container_kind::deque, .at = at, .bytes = in_use, .storage = nodes};
}

std::optional<container> contents::hash_table_at(foreign_address at) {
    constexpr std::uint64_t own_bucket_at = 48, one = 0x3f800000;
    const foreign_address buckets = word(at);
    const std::uint64_t bucket_count = word(at + 8), elements = word(at + 24);
    if (bucket_count == 0 || elements == 0 || elements > blocks_.slots() || (word(at + 32) & 0xffffffff) != one)
        return std::nullopt;
    const bool has_own = buckets == at + own_bucket_at && bucket_count == 1;
    if (!has_own && (!is_block_start(buckets) || bucket_count > block_bytes(buckets) / pointer_bytes))
        return std::nullopt;
    foreign_address element = word(at + 16);
    std::uint64_t seen = 0;
    for (; seen < std::min<std::uint64_t>(elements, most_looked_at); ++seen) {
        if (!is_block_start(element)) return std::nullopt;
        element = word(element);
    }
    if (seen == elements && element != 0) return std::nullopt;
    return container{.kind = container_kind::hash_table, .at = at, .elements = elements, .storage = word(at + 16)};
}

// The head is behind the comparison, which may have nothing.
std::optional<container> contents::tree_at(foreign_address at) {
    const foreign_address head = at + 8;
    const foreign_address root = word(head + 8), first = word(head + 16), last = word(head + 24);
    const std::uint64_t elements = word(head + 32);
    if (elements == 0 || elements > blocks_.slots() || word(head) > 0xffffffff) return std::nullopt;
    if (!is_block_start(root) || !is_block_start(first) || !is_block_start(last)) return std::nullopt;
    if (word(root + 8) != head) return std::nullopt;
    return container{.kind = container_kind::tree, .at = at, .elements = elements, .storage = root};
}

// Any of its nodes looks like the list itself, but for the number behind: only from there on it is how far one gets
// before one is back.
std::optional<container> contents::list_at(foreign_address at) {
    constexpr std::uint64_t most_steps = 10'000;
    const foreign_address first = word(at), last = word(at + 8);
    const std::uint64_t elements = word(at + 16);
    if (elements == 0 || elements > blocks_.slots() || !is_block_start(first) || !is_block_start(last))
        return std::nullopt;
    if (word(first + 8) != at || word(last) != at) return std::nullopt;
    foreign_address each = first;
    for (std::uint64_t steps = 1; steps < std::min(elements, most_steps); ++steps, each = word(each))
        if (each == at || !is_block_start(each)) return std::nullopt;
    if (elements <= most_steps && word(each) != at) return std::nullopt;
    return container{.kind = container_kind::list, .at = at, .elements = elements, .storage = first};
}

std::optional<container> contents::string_at(foreign_address at) {
    constexpr std::uint64_t own_bytes = 16;
    const foreign_address text = word(at);
    const std::uint64_t size = word(at + 8), room = word(at + 16);
    if (room < own_bytes || size > room || !is_block_start(text) || room + 1 > block_bytes(text)) return std::nullopt;
    if (memory_.at<char>(text + size) != '\0' || (size != 0 && memory_.at<char>(text + size - 1) == '\0'))
        return std::nullopt;
    return container{.kind = container_kind::string, .at = at, .bytes = size, .storage = text};
}

std::optional<container> contents::vector_at(foreign_address at) {
    constexpr std::uint64_t rounding = 32;
    const foreign_address begin = word(at), end = word(at + 8), room = word(at + 16);
    if (begin > end || end > room || begin == room || !is_block_start(begin)) return std::nullopt;
    const std::uint64_t block = block_bytes(begin), wanted = room - begin;
    if (wanted > block || block - wanted > rounding + wanted / 8) return std::nullopt;
    container found{.kind = container_kind::vector, .at = at, .bytes = end - begin, .storage = begin};
    if (found.bytes == 0 || found.bytes % pointer_bytes != 0) return found;
    const std::uint64_t looked_at = std::min<std::uint64_t>(found.bytes / pointer_bytes, most_looked_at);
    std::uint64_t pointers = 0, objects = 0;
    for (std::uint64_t i = 0; i < looked_at; ++i) {
        const foreign_address element = word(begin + i * pointer_bytes);
        const bool leads_to_object = is_object(element);
        if (!leads_to_object && !is_block_start(element)) continue;
        ++pointers;
        if (leads_to_object) ++objects;
    }
    if (pointers == looked_at) {
        found.elements = found.bytes / pointer_bytes;
        found.has_objects = objects == looked_at;
    }
    if (found.bytes % function_bytes != 0) return found;
    const std::uint64_t functions = std::min<std::uint64_t>(found.bytes / function_bytes, most_looked_at);
    std::uint64_t good = 0;
    for (std::uint64_t i = 0; i < functions; ++i) {
        const foreign_address each = begin + i * function_bytes;
        if (names_.is_code(word(each + 16)) && names_.is_code(word(each + 24))) ++good;
    }
    found.has_functions = good == functions;
    if (found.has_functions) found.elements = found.bytes / function_bytes;
    return found;
}

// Those with the most to prove first.
std::optional<container> contents::container_at(foreign_address at) {
    if (auto found = hash_table_at(at)) return found;
    if (auto found = tree_at(at)) return found;
    if (auto found = deque_at(at)) return found;
    if (auto found = list_at(at)) return found;
    if (auto found = function_at(at)) return found;
    if (auto found = vector_at(at)) return found;
    return string_at(at);
}

std::optional<container> contents::container_with_pointer_at(foreign_address at) {
    constexpr foreign_address root_of_tree_at = 16, first_of_hash_table_at = 16;
    if (auto found = tree_at(at - root_of_tree_at)) return found;
    if (auto found = hash_table_at(at - first_of_hash_table_at)) return found;
    return container_at(at);
}

std::optional<std::uint32_t> contents::shared_count(slot_id slot) {
    const heap_block block = blocks_[slot];
    if (block.size < 2 * pointer_bytes) return std::nullopt;
    if (!names_.type_of_vtable(word(block.start)).starts_with("std::_Sp_counted")) return std::nullopt;
    return static_cast<std::uint32_t>(word(block.start + 8));
}

} // namespace krait::tools
