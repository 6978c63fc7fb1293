#include "compare/allocator.hpp"

#include "failure.hpp"
#include "library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

// An allocator that Debian packages; file names in the order of preference.
struct packaged_allocator {
    std::string_view name;
    std::array<std::string_view, 3> files;
    std::string_view package;
};

constexpr std::array packaged_allocators{
    packaged_allocator{"mimalloc", {"libmimalloc.so.2", "libmimalloc.so.3", "libmimalloc.so"}, "libmimalloc2.0"},
    packaged_allocator{"jemalloc", {"libjemalloc.so.2", "libjemalloc.so"}, "libjemalloc2"},
    packaged_allocator{
        "tcmalloc", {"libtcmalloc_minimal.so.4", "libtcmalloc.so.4", "libtcmalloc.so"}, "libtcmalloc-minimal4"},
    packaged_allocator{"tbb", {"libtbbmalloc_proxy.so.2", "libtbbmalloc_proxy.so"}, "libtbbmalloc2"},
};

std::vector<std::string> split(std::string_view text, char separator) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> parts;
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

std::vector<fs::path> library_folders() {
    std::vector<fs::path> folders;
    if (const char* asked = std::getenv("LD_LIBRARY_PATH"))
        for (const std::string& folder : split(asked, ':')) folders.emplace_back(folder);
    for (const char* folder : {"/usr/local/lib", "/usr/lib/" KRAIT_MULTIARCH, "/lib/" KRAIT_MULTIARCH, "/usr/lib64",
                               "/usr/lib", "/lib64", "/lib"})
        folders.emplace_back(folder);
    return folders;
}

fs::path find_packaged(const packaged_allocator& wanted) {
    for (const fs::path& folder : library_folders())
        for (std::string_view file : wanted.files) {
            std::error_code none;
            if (!file.empty() && fs::is_regular_file(folder / file, none)) return fs::canonical(folder / file);
        }
    fail("{} is not installed: `apt install {}`, give its path as {}=/path/to/lib.so, or leave it out of --allocators",
         wanted.name, wanted.package, wanted.name);
}

// The C library that this process runs on.
fs::path own_libc() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(&std::strtol), &info) == 0 || info.dli_fname == nullptr)
        fail("the C library of this process cannot be found: take glibc out of --allocators");
    return fs::canonical(info.dli_fname);
}

std::string known_names() {
    std::string names = "glibc, krait, krait8";
    for (const packaged_allocator& known : packaged_allocators) names.append(", ").append(known.name);
    return names;
}

allocator find_known(const std::string& name) {
    if (name == "glibc") return {.name = name, .library = own_libc(), .is_libc = true};
    if (name == "krait") return {.name = name, .library = find_own_library("libkrait")};
    if (name == "krait8") return {.name = name, .library = find_own_library("libkrait8")};
    for (const packaged_allocator& known : packaged_allocators)
        if (name == known.name) return {.name = name, .library = find_packaged(known)};
    fail("{} is not an allocator known here: take one of {}, or name=/path/to/lib.so", name, known_names());
}

// What is behind a name of the user's: a path, or an allocator known here and variables for its runs.
allocator find_named(const std::string& name, const std::string& what) {
    if (what.find('/') != std::string::npos && what.find(':') == std::string::npos) {
        const fs::path library = what;
        std::error_code none;
        if (!fs::is_regular_file(library, none))
            fail("{}: there is no such library: check the path after `=`", library.string());
        return {.name = name, .library = fs::canonical(library)};
    }
    const std::vector<std::string> parts = split(what, ':');
    allocator found = find_known(parts.empty() ? what : parts.front());
    found.name = name;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::size_t equals = parts[i].find('=');
        if (equals == 0 || equals == std::string::npos)
            fail("{}: give a variable as NAME=value, as in own=krait:KRAIT_LARGE=own", parts[i]);
        found.settings.emplace_back(parts[i].substr(0, equals), parts[i].substr(equals + 1));
    }
    return found;
}

allocator find_allocator(const std::string& entry) {
    const std::size_t equals = entry.find('=');
    return equals == std::string::npos ? find_known(entry)
                                       : find_named(entry.substr(0, equals), entry.substr(equals + 1));
}

} // namespace

std::string preload_for(const allocator& under, const char* already) {
    if (!under.is_libc || already == nullptr || *already == '\0') return preload_value(under.library, already);
    return fmt::format("{}:{}", already, under.library.string());
}

std::vector<allocator> find_allocators(std::string_view list) {
    std::vector<allocator> found;
    for (const std::string& entry : split(list, ',')) {
        allocator each = find_allocator(entry);
        if (std::any_of(found.begin(), found.end(), [&](const allocator& other) { return other.name == each.name; }))
            fail("--allocators names {} twice: once is enough, more runs come with --runs", each.name);
        found.push_back(std::move(each));
    }
    if (found.empty()) fail("--allocators is empty: name one or more of {}", known_names());
    return found;
}

} // namespace krait::tools
