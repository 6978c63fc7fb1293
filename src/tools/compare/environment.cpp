#include "compare/environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace krait::tools {

namespace {

// A name that ends with "_" stands for all names that begin so.
constexpr std::array told{"GLIBCXX_",        "GLIBC_TUNABLES",  "GOGC",         "GOMEMLIMIT", "G_SLICE",
                          "KRAIT_",          "LD_LIBRARY_PATH", "LD_PRELOAD",   "MALLOC_",    "MIMALLOC_",
                          "OMP_NUM_THREADS", "PYTHONHASHSEED",  "PYTHONMALLOC", "RUBY_GC_",   "SNMALLOC_",
                          "TBB_MALLOC_",     "TCMALLOC_",       "_RJEM_"};
constexpr std::array speak_of_secrets{"KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH"};

bool is_told(std::string_view name) {
    return std::any_of(told.begin(), told.end(), [name](std::string_view each) {
        return each.ends_with('_') ? name.starts_with(each) : name == each;
    });
}

bool speaks_of_a_secret(std::string_view name) {
    return std::any_of(speak_of_secrets.begin(), speak_of_secrets.end(),
                       [name](std::string_view each) { return name.find(each) != std::string_view::npos; });
}

// Only whole names of folders: the home /root is no part of /rootfs.
std::string without_home(std::string_view value, std::string_view home) {
    std::string text;
    while (!value.empty()) {
        const bool is_home = home.size() > 1 && value.starts_with(home) &&
                             (value.size() == home.size() || value[home.size()] == '/' || value[home.size()] == ':');
        if (is_home)
            text += "~";
        else
            text += value.front();
        value.remove_prefix(is_home ? home.size() : 1);
    }
    return text;
}

} // namespace

std::vector<std::pair<std::string, std::string>> memory_environment(const char* const* environment) {
    std::vector<std::pair<std::string, std::string>> found;
    std::string home;
    for (const char* const* each = environment; *each != nullptr; ++each) {
        const std::string_view text = *each;
        const std::string_view name = text.substr(0, text.find('='));
        const std::string value(text.substr(std::min(name.size() + 1, text.size())));
        if (name == "HOME") home = value;
        if (is_told(name)) found.emplace_back(name, speaks_of_a_secret(name) ? "(set)" : value);
    }
    for (auto& [name, value] : found) value = without_home(value, home);
    std::sort(found.begin(), found.end());
    return found;
}

std::string memory_environment_names() {
    std::string names;
    for (std::string_view each : told) {
        if (!names.empty()) names += ", ";
        names.append(each).append(each.ends_with('_') ? "*" : "");
    }
    return names;
}

} // namespace krait::tools
