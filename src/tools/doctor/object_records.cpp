#include "doctor/object_records.hpp"

#include "krait/object/type_record.hpp"

#include <algorithm>
#include <cstddef>

namespace krait::tools {

namespace {

constexpr foreign_address record_in_cell = 16; // behind the words of a weak_node
constexpr foreign_address word_of_record = 8;

} // namespace

std::string object_records::type_of(const heap_block& block) {
    for (foreign_address offset = sizeof(detail::object_head); offset <= 128 && offset < block.size; offset *= 2) {
        const foreign_address head = block.start + offset - sizeof(detail::object_head);
        foreign_address record = memory_.word(head + word_of_record) & detail::address_mask;
        if (const slot_id cell = record % word_of_record == 0 ? blocks_.live_at(record) : no_slot; cell != no_slot)
            if (blocks_[cell].start == record) record = memory_.word(record + record_in_cell);
        const known& of = record_at(record);
        if (of.name.empty() || of.offset != offset || std::uint64_t{of.offset} + of.size > block.size) continue;
        return detail::counts_the_dead(memory_.at<std::uint32_t>(head)) ? of.name + " (dead, kept for the next one)"
                                                                        : of.name;
    }
    return {};
}

const object_records::known& object_records::record_at(foreign_address at) {
    static const known none;
    if (at % word_of_record != 0 || !names_.is_static(at) || names_.is_code(at)) return none;
    const auto [found, is_new] = records_.try_emplace(at);
    if (is_new) found->second = read(at);
    return found->second;
}

object_records::known object_records::read(foreign_address at) const {
    constexpr std::uint64_t most_of_name = 4096;
    struct text {
        std::uint64_t size;
        foreign_address start;
    };
    static_assert(sizeof(text) == sizeof(detail::type_record::name) && offsetof(detail::type_record, name) == 0);
    const auto name = memory_.at<text>(at);
    if (name.size == 0 || name.size > most_of_name || !names_.is_static(name.start)) return {};
    if (!names_.is_code(memory_.word(at + offsetof(detail::type_record, destroy)))) return {};
    known found{memory_.text(name.start, name.size),
                memory_.at<std::uint32_t>(at + offsetof(detail::type_record, offset)),
                memory_.at<std::uint32_t>(at + offsetof(detail::type_record, size))};
    const bool is_name = found.name.size() == name.size && std::all_of(found.name.begin(), found.name.end(),
                                                                       [](char c) { return c >= ' ' && c < '\x7f'; });
    return is_name ? found : known{};
}

} // namespace krait::tools
