#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace krait::tools {

// Writes by way of a new file beside it, so that there is never half of one; what is there and no plain file, as
// /dev/stdout, is written to. Fails with the reason.
void write_file(const std::filesystem::path& file, std::string_view text);

// Fails if write_file could not make its new file in the folder: for those who work long before they write.
void require_writable_folder_of(const std::filesystem::path& file);

// Why a file should not be called so that gets this format ("svg"): its name ends as another format's does, or is "-",
// which people write for standard output. Empty: it may be.
std::string why_misnamed(const std::filesystem::path& file, std::string_view format);

} // namespace krait::tools
