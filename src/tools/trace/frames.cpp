#include "trace/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace krait::tools {

namespace {

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool starts_with_one_of(std::string_view text, const auto& beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(), [text](auto each) { return text.starts_with(each); });
}

bool is_of_interpreter(const frame& of) {
    const std::string name = base_name(of.object);
    return name.starts_with("python3") || name.starts_with("libpython3") ||
           name.find(".cpython-3") != std::string::npos;
}

} // namespace

bool is_plumbing(const frame& of) {
    static constexpr std::array<std::string_view, 12> objects{"libc.so",      "libc-",      "libstdc++.so", "libc++.so",
                                                              "libc++abi.so", "ld-linux",   "libkrait",     "libm.so",
                                                              "libgcc_s.so",  "libpthread", "libdl.so",     "[vdso]"};
    static constexpr std::array<std::string_view, 18> functions{
        "std::",      "__gnu_cxx::",   "operator new", "alloc::",         "core::",           "<alloc::",
        "<core::",    "<std::",        "hashbrown::",  "__rust_",         "__rdl_",           "__rustc::",
        "_PyMem_Raw", "_PyMem_Malloc", "PyMem_",       "PyObject_Malloc", "PyObject_Realloc", "void std::"};
    if (starts_with_one_of(base_name(of.object), objects) || starts_with_one_of(of.function, functions)) return true;
    return of.file.starts_with("/usr/include/c++/") || of.file.find("/rustc/") != std::string::npos;
}

std::shared_ptr<symbols> symbol_files::of(const profile_module& module) {
    std::shared_ptr<symbols>& file = opened_[module.path + '\n' + module.build_id];
    if (file == nullptr) file = std::make_shared<symbols>(module.path, module.build_id);
    return file;
}

std::string frame::where() const {
    if (!file.empty()) return line != 0 ? fmt::format("{}:{}", file, line) : file;
    const std::string name = base_name(object);
    // Without a function the name of the frame says it all.
    return function.starts_with(name + "+") ? "" : fmt::format("{} +{:#x}", name, offset);
}

std::vector<std::uint32_t> frame_names::innermost_first(std::uint32_t stack) {
    std::vector<std::uint32_t> ids;
    for_each(stack, [&](std::uint32_t id) { ids.push_back(id); });
    return ids;
}

std::uint32_t frame_names::own_frame(std::uint32_t stack) {
    std::uint32_t innermost = none, of_machinery = none;
    for (std::uint32_t node = stack; node != 0; node = profile_.nodes[node].parent)
        for (const std::uint32_t each : of_location(profile_.nodes[node].location)) {
            const frame& of = frames_[each];
            if (!of.is_plumbing && !of.is_interpreters) return each;
            if (innermost == none) innermost = each;
            if (of_machinery == none && !of.is_plumbing) of_machinery = each;
        }
    if (of_machinery != none) return of_machinery;
    return innermost != none ? innermost : id_of({"(no stack)", "", "", 0, 0, false, false});
}

std::uint32_t frame_names::id_of(frame made, bool is_code) {
    const std::string key =
        fmt::format("{}\n{}\n{}\n{}\n{}", made.function, made.file, made.object, made.line, made.offset);
    const auto [known, is_new] = index_.try_emplace(key, static_cast<std::uint32_t>(frames_.size()));
    if (is_new) {
        if (!is_code) {
            made.is_plumbing = is_plumbing(made);
            made.is_interpreters = is_of_interpreter(made);
        }
        frames_.push_back(std::move(made));
    }
    return known->second;
}

const std::vector<std::uint32_t>& frame_names::of_location(std::uint32_t location) {
    std::vector<std::uint32_t>& known = of_location_[location];
    if (known.empty()) known = look_up(profile_.locations[location]);
    return known;
}

std::vector<std::uint32_t> frame_names::look_up(const location& at) {
    if (at.module == code_module) {
        const std::uint64_t code = at.address >> 32;
        const code_name names = code < profile_.codes.size() ? profile_.codes[code] : code_name{};
        return {id_of({names.function.empty() ? "(unknown code)" : names.function, names.file, names.file,
                       static_cast<unsigned>(at.address), 0, false, false},
                      true)};
    }
    if (at.module == no_module) return {id_of({fmt::format("{:#x}", at.address), "", "", 0, at.address, false, false})};
    if (symbols_.size() < profile_.modules.size()) symbols_.resize(profile_.modules.size());
    const profile_module& module = profile_.modules[at.module];
    auto& names = symbols_[at.module];
    if (names == nullptr) names = files_.of(module);
    std::vector<std::uint32_t> ids;
    for (source_frame& each : names->at(at.address)) {
        if (each.function.empty()) each.function = fmt::format("{}+{:#x}", base_name(module.path), at.address);
        const std::uint64_t offset = each.line != 0 ? 0 : each.offset;
        ids.push_back(
            id_of({std::move(each.function), std::move(each.file), module.path, each.line, offset, false, false}));
    }
    return ids;
}

std::vector<std::string> frame_names::warnings() const {
    std::vector<std::string> all;
    for (const auto& each : symbols_)
        if (each != nullptr && !each->warning().empty()) all.push_back(each->warning());
    return all;
}

} // namespace krait::tools
