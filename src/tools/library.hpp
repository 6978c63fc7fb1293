#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace krait::tools {

// The library of this stem ("libkrait", "libkrait8") that belongs to the running krait command: beside it, as in the
// build tree, or in ../lib or ../lib/<multiarch>, as installed. Fails with a sentence that says how to get it.
std::filesystem::path find_own_library(std::string_view stem);

// The same around another folder, and an empty path where there is none.
std::filesystem::path find_library_beside(const std::filesystem::path& command_folder, std::string_view stem);

// The value of LD_PRELOAD that loads the library before the ones that are already asked for (null: none). Fails for a
// path with a blank or a colon, which ld.so would take apart.
std::string preload_value(const std::filesystem::path& library, const char* already);

} // namespace krait::tools
