#include "write_file.hpp"

#include "failure.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <fstream>

namespace krait::tools {

namespace {

// Endings that say what is in a file, to people and to the programs that open it.
constexpr std::array formats{"bmp", "csv", "gif", "htm", "html", "jpeg", "jpg",  "json", "md",
                             "pdf", "png", "ps",  "svg", "tsv",  "txt",  "webp", "xml"};

bool is_no_plain_file(const std::filesystem::path& file) {
    std::error_code none;
    const auto found = std::filesystem::status(file, none);
    return std::filesystem::exists(found) && !std::filesystem::is_regular_file(found);
}

} // namespace

void write_file(const std::filesystem::path& file, std::string_view text) {
    if (is_no_plain_file(file)) {
        std::ofstream stream(file, std::ios::binary);
        stream << text;
        stream.close();
        if (!stream) fail("cannot write {}: {}", file.string(), std::generic_category().message(errno));
        return;
    }
    const std::filesystem::path unfinished = fmt::format("{}.{}.tmp", file.string(), getpid());
    std::ofstream stream(unfinished, std::ios::binary);
    stream << text;
    stream.close();
    std::error_code error;
    if (!stream)
        error = std::error_code(errno, std::generic_category());
    else
        std::filesystem::rename(unfinished, file, error);
    if (!error) return;
    std::error_code none;
    std::filesystem::remove(unfinished, none);
    fail("cannot write {}: {}", file.string(), error.message());
}

void require_writable_folder_of(const std::filesystem::path& file) {
    std::error_code none;
    if (std::filesystem::is_directory(file, none)) fail("cannot write {}: it is a folder", file.string());
    if (is_no_plain_file(file)) return; // written to as it is
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    if (access(folder.c_str(), W_OK | X_OK) == 0) return;
    fail("cannot write {}: {}", file.string(), std::generic_category().message(errno));
}

std::string why_misnamed(const std::filesystem::path& file, std::string_view format) {
    if (file == "-") return "-: a file's name is wanted here; /dev/stdout is one, and ./- is a file of that name";
    std::string ending = file.extension().string();
    if (ending.empty()) return {};
    ending.erase(0, 1);
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
    if (ending == format || (format == "html" && ending == "htm")) return {};
    if (std::find(formats.begin(), formats.end(), ending) == formats.end()) return {};
    return fmt::format("{}: what is written here is {}, not {}: let the name end in .{}", file.string(), format, ending,
                       format);
}

} // namespace krait::tools
