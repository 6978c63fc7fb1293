#include "doctor/doctor_formats.hpp"
#include "trace/amount_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace krait::tools {

namespace {

std::string in_quotes(const std::string& text) {
    std::string made = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') made += '\\';
        made += c;
    }
    return made + '"';
}

class dot_writer {
  public:
    explicit dot_writer(std::size_t lines) : lines_(lines) {}

    std::string written(const diagnosis& of) {
        text_ = "digraph holders {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n";
        for (std::size_t i = 0; i < std::min(lines_, of.holders.size()); ++i) add(of.holders[i], true);
        return text_ + "}\n";
    }

  private:
    std::size_t add(const held_node& of, bool is_root) {
        const std::size_t own = next_++;
        std::string label = of.name;
        for (const known_container& each : of.containers) label += "\n" + each.text;
        label += fmt::format("\n{} in {} blocks", bytes_text(static_cast<double>(of.retained.bytes)),
                             count_text(static_cast<double>(of.retained.blocks)));
        std::string line = in_quotes(label);
        for (std::size_t at = 0; (at = line.find('\n', at)) != std::string::npos;) line.replace(at, 1, "\\n");
        text_ += fmt::format("  n{} [label={}{}];\n", own, line, is_root ? ", style=bold" : "");
        for (std::size_t i = 0; i < std::min(lines_, of.held.size()); ++i) {
            const std::size_t held = add(of.held[i], false);
            text_ += fmt::format("  n{} -> n{};\n", own, held);
        }
        return own;
    }

    std::size_t lines_;
    std::size_t next_ = 0;
    std::string text_;
};

} // namespace

std::string doctor_dot(const diagnosis& of, std::size_t lines) { return dot_writer(lines).written(of); }

} // namespace krait::tools
