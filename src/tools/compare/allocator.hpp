#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace krait::tools {

struct allocator {
    std::string name;
    std::filesystem::path library; // preloaded
    bool is_libc = false;          // the C library itself, so that programs linked with another malloc get glibc's
    std::vector<std::pair<std::string, std::string>> settings{}; // variables of its runs
};

// The value of LD_PRELOAD for runs under the allocator, with the libraries that are already asked for (null: none).
// These come before the C library, whose functions some of them exist to replace, and after any other allocator.
std::string preload_for(const allocator& under, const char* already);

// The allocators of a list such as "glibc,krait,mimalloc", "mine=/path/to/libmine.so" or, with variables of its own,
// "own=krait:KRAIT_LARGE=own". Fails for an unknown name and for a library that is not there, with the package or the
// build step that brings it.
std::vector<allocator> find_allocators(std::string_view list);

} // namespace krait::tools
