#include "trace/module_table.hpp"

#include "os/memory.hpp"

#include <algorithm>
#include <cstring>

namespace krait::trace {

namespace {

void fill_in(module_table::row& row, const os::code_object& object) noexcept {
    row.object = object;
    row.is_program = object.name == nullptr || object.name[0] == '\0';
    if (row.is_program) {
        os::program_path(row.path);
    } else {
        const std::size_t length = std::min(std::strlen(object.name), row.path.size() - 1);
        std::memcpy(row.path.data(), object.name, length);
    }
    const auto id = os::build_id_of(object);
    row.build_id_bytes = static_cast<std::uint32_t>(std::min(id.size(), row.build_id.size()));
    if (!id.empty()) std::memcpy(row.build_id.data(), id.data(), row.build_id_bytes);
    for (const auto& each : object.segments) {
        if (each.p_type != PT_LOAD || row.segment_count == row.segments.size()) continue;
        const std::uint64_t begin = object.bias + each.p_vaddr;
        row.segments[row.segment_count++] = {begin, begin + each.p_memsz, each.p_offset, each.p_flags};
    }
}

} // namespace

bool module_table::open() noexcept {
    rows_ = static_cast<row*>(os::map_anywhere(most * sizeof(row)));
    return rows_ != nullptr;
}

os::code_object module_table::know(std::uintptr_t pc) noexcept {
    bool is_known = false;
    for_each([&](const row& each) { is_known = is_known || each.object.holds(pc - 1); });
    if (is_known) return {};
    const os::code_object object = os::code_object_at(pc - 1);
    if (!object || count_.load(std::memory_order_relaxed) >= most) return {};
    const std::uint32_t i = count_.fetch_add(1, std::memory_order_acq_rel);
    if (i >= most) return {};
    fill_in(rows_[i], object);
    rows_[i].is_ready.store(true, std::memory_order_release);
    version_.fetch_add(1, std::memory_order_release);
    return object;
}

} // namespace krait::trace
