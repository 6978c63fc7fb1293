#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

// Where debug files lie that are kept apart from their programs.
namespace krait::tools {

std::string hex_text(const unsigned char* bytes, std::size_t count);

// As libdw takes them: the file's own folder, .debug in it, and the folders of KRAIT_DEBUG_PATH or else /usr/lib/debug.
std::string debug_folders();

// The file that debuginfod's client once fetched, "debuginfo" or "executable"; empty if it did not.
std::filesystem::path in_debuginfod_cache(const std::string& build_id, const char* what);

// Files that may have the names of a program with this build id, though its own is gone.
std::vector<std::filesystem::path> files_of_build_id(const std::string& build_id);

} // namespace krait::tools
