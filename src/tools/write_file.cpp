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

} // namespace krait::tools
