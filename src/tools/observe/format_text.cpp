#include "observe/formats.hpp"

#include "observe/written.hpp"
#include "statistics/formats.hpp"

#include <array>

namespace krait::tools {

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string scaled(double bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    for (; bytes >= 1023.95 && unit + 1 < units.size(); ++unit) bytes /= 1024;
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units.at(unit));
}

std::string duration(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
    return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

std::string stats_text(const heap_picture& picture) {
    std::string text = fmt::format("krait {} in process {} ({})", picture.version, picture.process, picture.program);
    if (picture.memory) text += fmt::format(", RSS {} bytes", grouped(picture.memory->rss));
    text += '\n';
    if (const auto outside = picture.outside())
        text += fmt::format(
            "outside krait: {} of {} anonymous memory: large blocks, stacks, mappings of the program's own, "
            "data of libraries\n",
            scaled(static_cast<double>(*outside)), scaled(static_cast<double>(picture.memory->anonymous)));
    if (picture.torn) text += "The heap changed while it was read: the numbers are of slightly different moments.\n";
    text += written([&](krait::text& out) { write_text(out, picture); });
    return text;
}

} // namespace krait::tools
