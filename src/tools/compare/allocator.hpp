#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

struct allocator {
    std::string name;
    std::filesystem::path library; // preloaded; empty for the program's own, glibc
};

// The allocators of a list such as "glibc,krait,mimalloc" or "mine=/path/to/libmine.so". Fails for an unknown name and
// for a library that is not there, with the package or the build step that brings it.
std::vector<allocator> find_allocators(std::string_view list);

} // namespace krait::tools
