#include "compare/condition.hpp"

#include "failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <utility>

namespace krait::tools {

namespace {

struct unit {
    std::string_view name;
    double factor;
};
constexpr std::array units{unit{"KiB", 1024.0}, unit{"MiB", 1048576.0}, unit{"GiB", 1073741824.0}, unit{"KB", 1e3},
                           unit{"MB", 1e6},     unit{"GB", 1e9},        unit{"ms", 1e-3},          unit{"s", 1.0}};

bool is_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("_+-", c) != nullptr; }

// "peak" is short for "peak_rss".
std::size_t find_metric(std::string_view name) {
    const auto found = std::ranges::find_if(run_metrics(), [name](const run_metric& each) {
        return each.key == name || (each.key.ends_with("_rss") && each.key.substr(0, each.key.size() - 4) == name);
    });
    return static_cast<std::size_t>(found - run_metrics().begin());
}

std::string metric_names() {
    std::vector<std::string_view> names;
    for (const run_metric& each : run_metrics())
        names.push_back(each.key.substr(0, each.key.size() - (each.key.ends_with("_rss") ? 4 : 0)));
    const std::string_view last = names.back();
    names.pop_back();
    return fmt::format("{} or {}", fmt::join(names, ", "), last);
}

} // namespace

class condition::parser {
  public:
    parser(std::string_view text, const std::vector<std::string>& allocators) : text_(text), allocators_(allocators) {}

    side parse_side() {
        side factors{parse_factor()};
        while (skip_blanks(), text_.substr(at_).starts_with('*')) {
            ++at_;
            factors.push_back(parse_factor());
        }
        return factors;
    }

    std::string parse_comparison() {
        skip_blanks();
        for (const char* each : {"<=", ">=", "<", ">"})
            if (text_.substr(at_).starts_with(each)) {
                at_ += std::strlen(each);
                return each;
            }
        refuse("<, <=, > or >=");
    }

    void expect_end() {
        skip_blanks();
        if (at_ != text_.size()) refuse("nothing more");
    }

  private:
    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    std::string_view word() {
        const std::size_t from = at_;
        while (at_ < text_.size() && is_of_name(text_[at_])) ++at_;
        return text_.substr(from, at_ - from);
    }

    factor parse_factor() {
        skip_blanks();
        const std::size_t from = at_;
        factor made;
        const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), made.number);
        if (error == std::errc()) {
            at_ = static_cast<std::size_t>(end - text_.data());
            made.number *= parse_unit();
        } else {
            parse_cell(made);
        }
        made.text = text_.substr(from, at_ - from);
        return made;
    }

    double parse_unit() {
        const std::size_t before = at_;
        skip_blanks();
        if (at_ == text_.size() || std::isalpha(static_cast<unsigned char>(text_[at_])) == 0) {
            at_ = before;
            return 1;
        }
        const std::string_view name = word();
        const auto found = std::ranges::find(units, name, &unit::name);
        if (found != units.end()) return found->factor;
        at_ -= name.size();
        refuse("KiB, MiB, GiB, KB, MB, GB, ms or s");
    }

    void parse_cell(factor& made) {
        made.allocator = word();
        if (std::ranges::find(allocators_, made.allocator) == allocators_.end()) {
            at_ -= made.allocator.size();
            refuse(fmt::format("a number or one of {}, a point, and a metric", fmt::join(allocators_, ", ")));
        }
        if (at_ == text_.size() || text_[at_] != '.') refuse("a point and a metric");
        ++at_;
        const std::string_view name = word();
        made.metric = find_metric(name);
        if (made.metric == run_metrics().size()) {
            at_ -= name.size();
            refuse(metric_names());
        }
    }

    [[noreturn]] void refuse(std::string_view wanted) const {
        throw failure(status_usage, fmt::format("--fail-if: \"{}\" should go on with {} at \"{}\"", text_, wanted,
                                                text_.substr(at_)));
    }

    std::string_view text_;
    const std::vector<std::string>& allocators_;
    std::size_t at_ = 0;
};

condition::condition(std::string_view text, const std::vector<std::string>& allocators) : text_(text) {
    parser parse(text_, allocators);
    left_ = parse.parse_side();
    comparison_ = parse.parse_comparison();
    right_ = parse.parse_side();
    parse.expect_end();
}

bool condition::is_about(std::string_view metric) const {
    const auto is_it = [&](const factor& each) {
        return !each.allocator.empty() && run_metrics()[each.metric].key == metric;
    };
    return std::ranges::any_of(left_, is_it) || std::ranges::any_of(right_, is_it);
}

const cell* condition::cell_of(const factor& one, const std::vector<column>& columns) {
    const auto found = std::ranges::find(columns, one.allocator, &column::allocator);
    if (found == columns.end() || one.metric >= found->cells.size()) return nullptr;
    const cell& cell = found->cells[one.metric];
    return cell.runs > 0 ? &cell : nullptr;
}

std::string_view condition::unknown_in(const std::vector<column>& columns) const {
    for (const side* factors : {&left_, &right_})
        for (const factor& each : *factors)
            if (!each.allocator.empty() && cell_of(each, columns) == nullptr) return each.text;
    return {};
}

double condition::value_of(const factor& one, const std::vector<column>& columns) {
    return one.allocator.empty() ? one.number : cell_of(one, columns)->median;
}

double condition::value_of(const side& factors, const std::vector<column>& columns) {
    double product = 1;
    for (const factor& each : factors) product *= value_of(each, columns);
    return product;
}

bool condition::holds(const std::vector<column>& columns) const {
    const double left = value_of(left_, columns), right = value_of(right_, columns);
    if (comparison_ == "<") return left < right;
    if (comparison_ == "<=") return left <= right;
    if (comparison_ == ">") return left > right;
    return left >= right;
}

std::string condition::shown(const side& factors, const std::vector<column>& columns) {
    std::string text;
    for (const factor& each : factors)
        text += (text.empty() ? "" : " * ") +
                (each.allocator.empty() ? each.text
                                        : metric_text(run_metrics()[each.metric].unit, value_of(each, columns)));
    return text;
}

std::string condition::with_values(const std::vector<column>& columns) const {
    return fmt::format("{}: {} {} {}", text_, shown(left_, columns), comparison_, shown(right_, columns));
}

} // namespace krait::tools
