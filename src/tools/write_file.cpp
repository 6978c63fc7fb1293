#include "write_file.hpp"

#include "failure.hpp"

#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace krait::tools {

void write_file(const std::filesystem::path& file, std::string_view text) {
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
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    if (access(folder.c_str(), W_OK | X_OK) == 0) return;
    fail("cannot write {}: {}", file.string(), std::generic_category().message(errno));
}

} // namespace krait::tools
