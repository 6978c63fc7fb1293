#include "trace/module_table.hpp"

#include "os/memory.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace krait::trace {

namespace {

void fill_in(module_table::row& row, const os::code_object& object, std::span<const char> program) noexcept {
    row.object = object;
    row.is_program = object.name == nullptr || object.name[0] == '\0';
    if (row.is_program) {
        std::copy(program.begin(), program.end(), row.path.begin());
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
    os::program_path(program_);
    rows_ = static_cast<row*>(os::map_anywhere(most * sizeof(row)));
    return rows_ != nullptr;
}

// By path and build id, at the same addresses. Without a build id nobody can tell.
bool module_table::is_same(const row& module, const os::code_object& object) noexcept {
    const auto id = os::build_id_of(object);
    return module.object.begin == object.begin && module.object.end == object.end &&
           module.object.bias == object.bias && !id.empty() && id.size() == module.build_id_bytes &&
           std::memcmp(id.data(), module.build_id.data(), id.size()) == 0 && object.name != nullptr &&
           std::strcmp(object.name, module.path.data()) == 0;
}

// Whoever reads the row meanwhile finds the same addresses in it.
void module_table::come_back(row& module, const os::code_object& object) noexcept {
    module.object = object; // the loader's texts are other ones
    module.is_gone.store(false, std::memory_order_release);
    version_.fetch_add(1, std::memory_order_release);
}

bool module_table::add(const os::code_object& object) noexcept {
    if (count_.load(std::memory_order_relaxed) >= most) return false;
    const std::uint32_t i = count_.fetch_add(1, std::memory_order_acq_rel);
    if (i >= most) return false;
    fill_in(rows_[i], object, program_);
    rows_[i].is_ready.store(true, std::memory_order_release);
    version_.fetch_add(1, std::memory_order_release);
    return true;
}

} // namespace krait::trace
