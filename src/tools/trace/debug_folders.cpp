#include "trace/debug_folders.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

namespace krait::tools {

namespace fs = std::filesystem;

namespace {

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string separate_folders() {
    const std::string asked = from_environment("KRAIT_DEBUG_PATH");
    return asked.empty() ? "/usr/lib/debug" : asked;
}

} // namespace

std::string hex_text(const unsigned char* bytes, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
}

std::string debug_folders() { return ":.debug:" + separate_folders(); }

// The order of debuginfod_find_debuginfo(3).
fs::path in_debuginfod_cache(const std::string& build_id, const char* what) {
    const std::string home = from_environment("HOME");
    const std::string named = from_environment("DEBUGINFOD_CACHE_PATH");
    const std::string xdg = from_environment("XDG_CACHE_HOME");
    std::vector<fs::path> folders;
    if (!named.empty()) {
        folders.emplace_back(named);
    } else {
        if (!home.empty()) folders.push_back(fs::path(home) / ".debuginfod_client_cache");
        if (!xdg.empty()) folders.push_back(fs::path(xdg) / "debuginfod_client");
        if (xdg.empty() && !home.empty()) folders.push_back(fs::path(home) / ".cache" / "debuginfod_client");
    }
    for (const fs::path& folder : folders) {
        std::error_code failed;
        const fs::path file = folder / build_id / what;
        // An empty file says that no server had it.
        if (const auto size = fs::file_size(file, failed); !failed && size > 0) return file;
    }
    return {};
}

std::vector<fs::path> files_of_build_id(const std::string& build_id) {
    if (build_id.size() < 3) return {};
    std::vector<fs::path> files;
    const std::string folders = separate_folders();
    for (std::string_view left = folders; !left.empty();) {
        const std::size_t colon = std::min(left.find(':'), left.size());
        if (const fs::path folder = left.substr(0, colon); !folder.empty())
            files.push_back(folder / ".build-id" / build_id.substr(0, 2) / (build_id.substr(2) + ".debug"));
        left.remove_prefix(std::min(colon + 1, left.size()));
    }
    for (const char* what : {"debuginfo", "executable"})
        if (fs::path cached = in_debuginfod_cache(build_id, what); !cached.empty()) files.push_back(std::move(cached));
    return files;
}

} // namespace krait::tools
