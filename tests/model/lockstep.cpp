#include "lockstep.hpp"

#include <fmt/format.h>

#include <sstream>

namespace krait::model {

namespace {

std::string in_words(const step& s) {
    switch (s.what) {
    case action::allocate:
        return fmt::format("allocate {} bytes in slot {}", s.bytes, s.slot);
    case action::reallocate:
        return fmt::format("reallocate slot {} to {} bytes", s.slot, s.bytes);
    case action::release:
        return fmt::format("release slot {}", s.slot);
    }
    return {};
}

std::string in_words(const outcome& o) {
    std::string text = "no block of a pool";
    if (o.block) text = fmt::format("arena {}, pool {}, offset {}", o.block->arena, o.block->pool, o.block->offset);
    text += fmt::format("; {} arenas created, {} released", o.arenas_created, o.arenas_released);
    if (o.last_released) text += fmt::format(", last arena {}", *o.last_released);
    if (!o.contents_kept) text += "; the block's contents have changed";
    return text;
}

std::string differing_line(const subject& one, const std::string& text, const subject& other,
                           const std::string& other_text) {
    std::istringstream lines(text), other_lines(other_text);
    std::string line, other_line;
    while (std::getline(lines, line) && std::getline(other_lines, other_line) && line == other_line) {
    }
    return fmt::format("the statistics differ\n  {}: {}\n  {}: {}", one.name(), line, other.name(), other_line);
}

outcome rounded(outcome o, precision p) {
    if (p == precision::pool && o.block) o.block->offset = 0;
    return o;
}

} // namespace

verdict compare(subject& one, subject& other, std::uint64_t seed, std::size_t length, precision p) {
    trace steps(seed, length);
    verdict v;
    const auto compare_statistics = [&] {
        const std::string text = one.statistics(), other_text = other.statistics();
        if (text == other_text) return true;
        v.difference = fmt::format("after step {}: {}", v.steps, differing_line(one, text, other, other_text));
        return false;
    };
    const std::size_t between = length / 16 + 1;
    while (const std::optional<step> s = steps.next()) {
        const outcome seen = one.perform(*s), seen_in_other = other.perform(*s);
        v.steps += 1;
        v.last = seen;
        if (rounded(seen, p) != rounded(seen_in_other, p)) {
            v.difference = fmt::format("step {} ({}) differs\n  {}: {}\n  {}: {}", v.steps, in_words(*s), one.name(),
                                       in_words(seen), other.name(), in_words(seen_in_other));
            return v;
        }
        if ((v.steps % between == 0 || v.steps == length) && !compare_statistics()) return v;
    }
    compare_statistics();
    return v;
}

int compare_and_report(subject& one, subject& other, std::uint64_t seed, std::size_t length, precision p) {
    const verdict v = compare(one, other, seed, length, p);
    if (!v.difference.empty()) {
        fmt::print(stderr, "seed {}: {}\n", seed, v.difference);
        return 1;
    }
    fmt::print("seed {}: {} and {} agree to the {} in {} steps, {} arenas created and {} released\n", seed, one.name(),
               other.name(), p == precision::pool ? "pool" : "byte", v.steps, v.last.arenas_created,
               v.last.arenas_released);
    return 0;
}

} // namespace krait::model
