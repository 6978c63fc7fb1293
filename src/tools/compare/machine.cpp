#include "compare/machine.hpp"

#include "proc_file.hpp"

#include <fmt/chrono.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <ctime>
#include <sstream>

namespace krait::tools {

namespace {

// The value of the first line that starts with the key, without separators before and quotes around it.
std::string value_of(const std::string& file, const std::string& key) {
    std::istringstream lines(read_proc_file(file).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key)) continue;
        const std::size_t begin = line.find_first_not_of(" \t:=\"", key.size());
        if (begin == std::string::npos) return {};
        return line.substr(begin, line.find_last_not_of(" \"") + 1 - begin);
    }
    return {};
}

std::string first_line(const std::string& file) {
    const std::string text = read_proc_file(file).value_or("unknown");
    return text.substr(0, text.find('\n'));
}

} // namespace

std::vector<std::pair<std::string, std::string>> describe_machine() {
    utsname kernel{};
    uname(&kernel);
    const auto page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    const auto memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * page_size;
    return {{"date", fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::time(nullptr)))},
            {"system", value_of("/etc/os-release", "PRETTY_NAME=")},
            {"kernel", fmt::format("{} {}", kernel.release, kernel.machine)},
            {"glibc", gnu_get_libc_version()},
            {"processor", value_of("/proc/cpuinfo", "model name")},
            {"processors", std::to_string(sysconf(_SC_NPROCESSORS_ONLN))},
            {"memory", fmt::format("{:.1f} GiB", static_cast<double>(memory) / (1 << 30))},
            {"page size", fmt::format("{} KiB", page_size / 1024)},
            {"transparent huge pages", first_line("/sys/kernel/mm/transparent_hugepage/enabled")},
            {"load average at the end", first_line("/proc/loadavg")}};
}

} // namespace krait::tools
