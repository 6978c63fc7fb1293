#include "trace/dwarf_functions.hpp"

#include "trace/demangle.hpp"

#include <dwarf.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

template <class Ranges>
const auto* range_at(const Ranges& sorted, std::uint64_t address) {
    auto above = std::upper_bound(sorted.begin(), sorted.end(), address,
                                  [](std::uint64_t value, const auto& each) { return value < each.begin; });
    // Ranges may nest, seldom and not deep.
    for (int step = 0; step < 8 && above != sorted.begin(); ++step)
        if (--above; address < above->end) return &*above;
    return static_cast<decltype(&*above)>(nullptr);
}

template <class Ranges>
void sort_ranges(Ranges& ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const auto& a, const auto& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
}

template <class Take>
void for_each_range(Dwarf_Die& die, Take take) {
    Dwarf_Addr base = 0, begin = 0, end = 0;
    for (std::ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0;)
        if (begin < end && begin != 0) take(begin, end);
}

// Where it stands in the sources; compilers write it relative to the folder that they ran in.
std::string full_path(Dwarf_Die& unit, const char* file) {
    if (file == nullptr) return {};
    const fs::path path(file);
    if (path.is_absolute()) return path.lexically_normal();
    Dwarf_Attribute attribute;
    const char* folder = dwarf_formstring(dwarf_attr(&unit, DW_AT_comp_dir, &attribute));
    return (folder != nullptr ? fs::path(folder) / path : path).lexically_normal();
}

std::optional<Dwarf_Word> number(Dwarf_Die& die, unsigned name) {
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    if (dwarf_formudata(dwarf_attr(&die, name, &attribute), &value) != 0) return std::nullopt;
    return value;
}

// From the function itself in, the entries of the functions inlined one into the other at the address.
void add_inlined(Dwarf_Die& in, std::uint64_t address, std::vector<Dwarf_Die>& chain) {
    Dwarf_Die child;
    if (dwarf_child(&in, &child) != 0) return;
    do {
        const int tag = dwarf_tag(&child);
        const bool is_inlined = tag == DW_TAG_inlined_subroutine;
        if ((!is_inlined && tag != DW_TAG_lexical_block) || dwarf_haspc(&child, address) <= 0) continue;
        if (is_inlined) chain.push_back(child);
        add_inlined(child, address, chain);
        return;
    } while (dwarf_siblingof(&child, &child) == 0);
}

} // namespace

namespace {

std::string inner_scope(Dwarf_Die& die, const std::string& outer) {
    const char* name = dwarf_diename(&die);
    if (name == nullptr) name = dwarf_tag(&die) == DW_TAG_namespace ? "(anonymous namespace)" : "(anonymous)";
    return outer + name + "::";
}

} // namespace

dwarf_functions::dwarf_functions(Dwfl_Module* module) {
    Dwarf_Addr bias = 0;
    for (Dwarf_Die* die = dwfl_module_nextcu(module, nullptr, &bias); die != nullptr;
         die = dwfl_module_nextcu(module, die, &bias)) {
        unit read{*die, *die, bias, false, {}};
        Dwarf_Die split;
        std::uint8_t kind = 0;
        if (dwarf_cu_info(die->cu, nullptr, &kind, nullptr, &split, nullptr, nullptr, nullptr) == 0 &&
            kind == DW_UT_skeleton && split.cu != nullptr)
            read.bodies = split;
        const std::size_t index = units_.size();
        for_each_range(*die, [&](std::uint64_t begin, std::uint64_t end) {
            ranges_.push_back({begin + bias, end + bias, index});
        });
        units_.push_back(read);
    }
    sort_ranges(ranges_);
}

void dwarf_functions::read_functions(unit& in, Dwarf_Die& below, const std::string& scope) {
    Dwarf_Die child;
    if (dwarf_child(&below, &child) != 0) return;
    do {
        switch (dwarf_tag(&child)) {
        case DW_TAG_subprogram:
            if (!scope.empty() && dwarf_hasattr(&child, DW_AT_linkage_name) == 0) scopes_[child.addr] = scope;
            for_each_range(child, [&](std::uint64_t begin, std::uint64_t end) {
                in.functions.push_back({begin, end, child});
            });
            break;
        case DW_TAG_namespace:
        case DW_TAG_module:
        case DW_TAG_class_type:
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
            read_functions(in, child, inner_scope(child, scope));
            break;
        default:
            break;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
}

// By the scope of the declaration that the function goes back to.
std::string dwarf_functions::qualified(Dwarf_Die function, const char* name) {
    for (int step = 0; step < 4; ++step) {
        if (const auto known = scopes_.find(function.addr); known != scopes_.end()) return known->second + name;
        Dwarf_Attribute attribute;
        Dwarf_Attribute* origin = dwarf_attr(&function, DW_AT_abstract_origin, &attribute);
        if (origin == nullptr) origin = dwarf_attr(&function, DW_AT_specification, &attribute);
        Dwarf_Die declared;
        if (origin == nullptr || dwarf_formref_die(origin, &declared) == nullptr) break;
        function = declared;
    }
    return name;
}

const std::string& dwarf_functions::name_of(Dwarf_Die& function) {
    const auto [at, is_new] = names_.try_emplace(function.addr);
    if (!is_new) return at->second;
    Dwarf_Attribute attribute;
    const char* name = dwarf_formstring(dwarf_attr_integrate(&function, DW_AT_linkage_name, &attribute));
    if (name == nullptr) name = dwarf_formstring(dwarf_attr_integrate(&function, DW_AT_MIPS_linkage_name, &attribute));
    if (name != nullptr) return at->second = demangled(name);
    name = dwarf_formstring(dwarf_attr_integrate(&function, DW_AT_name, &attribute));
    if (name != nullptr) at->second = qualified(function, name);
    return at->second;
}

std::vector<source_frame> dwarf_functions::at(std::uint64_t address) {
    const auto* const range = range_at(ranges_, address);
    if (range == nullptr) return {};
    unit& in = units_[range->what];
    if (!in.is_read) {
        in.is_read = true;
        read_functions(in, in.bodies, "");
        sort_ranges(in.functions);
    }
    const std::uint64_t own = address - in.bias;
    std::vector<Dwarf_Die> chain;
    if (const auto* const function = range_at(in.functions, own); function != nullptr) {
        chain.push_back(function->what);
        add_inlined(chain.front(), own, chain);
    }

    source_frame frame;
    if (Dwarf_Line* line = dwarf_getsrc_die(&in.die, own); line != nullptr) {
        int number_of_line = 0;
        if (dwarf_lineno(line, &number_of_line) == 0) frame.line = static_cast<unsigned>(number_of_line);
        frame.file = full_path(in.die, dwarf_linesrc(line, nullptr, nullptr));
    }
    if (chain.empty()) return frame.line != 0 ? std::vector{frame} : std::vector<source_frame>{};
    Dwarf_Files* files = nullptr;
    std::size_t file_count = 0;
    dwarf_getsrcfiles(&in.bodies, &files, &file_count);
    std::vector<source_frame> frames;
    for (auto die = chain.rbegin(); die != chain.rend(); ++die) {
        frame.function = name_of(*die);
        frames.push_back(frame);
        const auto file = number(*die, DW_AT_call_file);
        frame.file = file && *file < file_count ? full_path(in.die, dwarf_filesrc(files, *file, nullptr, nullptr)) : "";
        frame.line = static_cast<unsigned>(number(*die, DW_AT_call_line).value_or(0));
    }
    return frames;
}

} // namespace krait::tools
