#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

// The file that execvp(3) would run for this name, with the PATH given; an empty path where there is none.
std::filesystem::path find_program(std::string_view name, const char* path);

// Why a preloaded allocator would not serve this program, as the end of a sentence that starts with its name ("is
// statically linked"); empty if it would. Scripts are followed to their interpreter. A file that cannot be read counts
// as ordinary.
std::string why_preload_is_void(const std::filesystem::path& program);

// Becomes the command, by execvp(3). Returns only if that fails: the error number.
int execute(const std::vector<std::string>& command);

// Fails as a shell does where exec gave this error: status 127 for a program that is not there, 126 for the rest.
[[noreturn]] void fail_to_execute(const std::string& name, int error);

} // namespace krait::tools
