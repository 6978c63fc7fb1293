#pragma once

#include <optional>
#include <string>

namespace krait::tools {

// The whole text of a file whose size is not known before it is read, as those of /proc; none where it cannot be read
// (errno says why).
std::optional<std::string> read_proc_file(const std::string& path);

} // namespace krait::tools
