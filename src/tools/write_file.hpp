#pragma once

#include <filesystem>
#include <string_view>

namespace krait::tools {

// Writes by way of a new file beside it, so that there is never half of one. Fails with the reason.
void write_file(const std::filesystem::path& file, std::string_view text);

} // namespace krait::tools
