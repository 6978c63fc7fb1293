#include "trace/symbols.hpp"

#include "trace/debug_folders.hpp"
#include "trace/demangle.hpp"
#include "trace/dwarf_functions.hpp"

#include <fmt/format.h>

#include <elfutils/libdwfl.h>

#include <fcntl.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

int find_debug_file(Dwfl_Module* module, void** user, const char* name, Dwarf_Addr base, const char* file,
                    const char* link, GElf_Word checksum, char** found) {
    const int standard = dwfl_standard_find_debuginfo(module, user, name, base, file, link, checksum, found);
    if (standard >= 0) return standard;
    const unsigned char* bits = nullptr;
    GElf_Addr where = 0;
    const int bytes = dwfl_module_build_id(module, &bits, &where);
    if (bytes <= 0) return -1;
    const fs::path cached = in_debuginfod_cache(hex_text(bits, static_cast<std::size_t>(bytes)), "debuginfo");
    const int opened = cached.empty() ? -1 : open(cached.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened >= 0) *found = strdup(cached.c_str());
    return opened;
}

} // namespace

class symbols::opened {
  public:
    explicit opened(const std::string& path) : debug_path_(debug_folders()) {
        callbacks_.find_debuginfo = &find_debug_file;
        callbacks_.find_elf = &dwfl_build_id_find_elf;
        callbacks_.section_address = &dwfl_offline_section_address;
        debug_path_text_ = debug_path_.data();
        callbacks_.debuginfo_path = &debug_path_text_;
        dwfl_ = dwfl_begin(&callbacks_);
        if (dwfl_ == nullptr) return;
        module_ = dwfl_report_elf(dwfl_, "", path.c_str(), -1, 0, true);
        dwfl_report_end(dwfl_, nullptr, nullptr);
    }
    ~opened() {
        functions_.reset();
        if (dwfl_ != nullptr) dwfl_end(dwfl_);
    }
    opened(const opened&) = delete;
    opened& operator=(const opened&) = delete;

    bool is_good() const noexcept { return module_ != nullptr; }

    std::string build_id() const {
        const unsigned char* bits = nullptr;
        GElf_Addr where = 0;
        const int bytes = dwfl_module_build_id(module_, &bits, &where);
        return bytes > 0 ? hex_text(bits, static_cast<std::size_t>(bytes)) : "";
    }

    std::vector<source_frame> at(std::uint64_t address) {
        if (functions_ == nullptr) functions_ = std::make_unique<dwarf_functions>(module_);
        std::vector<source_frame> frames = functions_->at(address);
        if (!frames.empty() && !frames.back().function.empty()) return frames;
        const source_frame by_symbol = symbol_at(address);
        if (frames.empty()) return {by_symbol};
        frames.back().function = by_symbol.function; // a line without a function: assembly
        return frames;
    }

  private:
    source_frame symbol_at(std::uint64_t address) const {
        GElf_Off offset = 0;
        GElf_Sym symbol{};
        const char* name = dwfl_module_addrinfo(module_, address, &offset, &symbol, nullptr, nullptr, nullptr);
        // The nearest symbol below may be that of another function, where this one's was stripped.
        if (name == nullptr || (symbol.st_size != 0 && offset >= symbol.st_size)) return {"", "", 0, address};
        return {demangled(name), "", 0, offset};
    }

    std::string debug_path_;
    char* debug_path_text_ = nullptr;
    Dwfl_Callbacks callbacks_{};
    Dwfl* dwfl_ = nullptr;
    Dwfl_Module* module_ = nullptr;
    std::unique_ptr<dwarf_functions> functions_;
};

symbols::symbols(std::string path, std::string build_id) {
    const auto open_if_same = [&](const fs::path& file) {
        auto tried = std::make_unique<opened>(file.string());
        if (!tried->is_good()) return false;
        if (!build_id.empty() && tried->build_id() != build_id) return false;
        opened_ = std::move(tried);
        return true;
    };
    std::error_code none;
    const bool is_there = fs::is_regular_file(path, none);
    if (is_there && open_if_same(path)) return;
    for (const fs::path& elsewhere : files_of_build_id(build_id))
        if (open_if_same(elsewhere)) return;
    if (path.starts_with("[") || path.empty()) return; // the vdso
    warning_ = is_there ? fmt::format("{} is not the file that ran (another build id): its frames have no names", path)
                        : fmt::format("{} is not here any more: its frames have no names", path);
}

symbols::~symbols() = default;

std::vector<source_frame> symbols::at(std::uint64_t address) {
    return opened_ != nullptr ? opened_->at(address) : std::vector<source_frame>{{"", "", 0, address}};
}

} // namespace krait::tools
