#include "advise/obstacles.hpp"

#include "compare/memory_group.hpp"
#include "observe/formats.hpp"
#include "proc_file.hpp"
#include "program.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

void add_limit(std::vector<std::string>& found, __rlimit_resource which, std::string_view name,
               std::string_view meaning) {
    rlimit limit{};
    if (getrlimit(which, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        found.push_back(fmt::format("{} is {}: {}", name, scaled(static_cast<double>(limit.rlim_cur)), meaning));
}

std::optional<std::uint64_t> group_limit() {
    for (const group_hierarchy& each : memory_hierarchies(read_proc_file("/proc/self/mountinfo").value_or(""),
                                                          read_proc_file("/proc/self/cgroup").value_or("")))
        if (const auto limit = memory_limit(each)) return limit;
    return std::nullopt;
}

} // namespace

std::vector<std::string> obstacles_for(const fs::path& program) {
    std::vector<std::string> found;
    if (const std::string why = why_preload_is_void(program); !why.empty())
        found.push_back(fmt::format("{} {}: krait cannot be its malloc", program.filename().string(), why));
    if (std::ifstream("/etc/ld.so.preload").peek() != std::ifstream::traits_type::eof())
        found.push_back("/etc/ld.so.preload names libraries that come into every program too");
    if (prctl(PR_GET_SECCOMP) > 0)
        found.push_back("a seccomp filter is in force here: it must allow madvise and what glibc's malloc calls");
    add_limit(found, RLIMIT_AS, "RLIMIT_AS (ulimit -v)", "krait keeps to it, as glibc does");
    add_limit(found, RLIMIT_DATA, "RLIMIT_DATA (ulimit -d)", "krait keeps to it, as glibc does");
    if (const auto limit = group_limit())
        found.push_back(
            fmt::format("the control group may have {}: with KRAIT_LIMIT=cgroup krait keeps nothing free in its last "
                        "eighth",
                        scaled(static_cast<double>(*limit))));
    return found;
}

std::vector<std::string> other_mallocs(const std::vector<fs::path>& mapped) {
    constexpr std::array known{"jemalloc", "tcmalloc", "mimalloc",       "tbbmalloc",
                               "snmalloc", "rpmalloc", "hardened_malloc"};
    std::vector<std::string> found;
    for (const fs::path& file : mapped)
        for (const char* name : known)
            if (file.filename().string().starts_with(std::string("lib") + name) &&
                std::ranges::find(found, name) == found.end())
                found.emplace_back(name);
    return found;
}

} // namespace krait::tools
