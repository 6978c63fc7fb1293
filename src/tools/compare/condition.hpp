#pragma once

#include "compare/summary.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

// A condition on the medians of a comparison, for scripts: "krait.peak > 1.05 * glibc.peak", "krait.final <= 64 MiB".
//
//   condition  =  side ("<" | "<=" | ">" | ">=") side
//   side       =  factor {"*" factor}
//   factor     =  number [unit]  |  allocator "." metric
//   unit       =  KiB | MiB | GiB | KB | MB | GB | ms | s
//   metric     =  a key of run_metrics(), without its "_rss"
class condition {
  public:
    // Fails with a sentence that names the place and what may stand there; allocators: the names that are compared.
    condition(std::string_view text, const std::vector<std::string>& allocators);

    // The first ALLOCATOR.METRIC in it of which no good run tells; empty where all are known.
    std::string_view unknown_in(const std::vector<column>& columns) const;

    // Whether it holds, and it with the values in it: "krait.peak > 1.05 * glibc.peak: 47.1 MiB > 1.05 * 45.0 MiB".
    // Nothing in it is unknown.
    bool holds(const std::vector<column>& columns) const;
    std::string with_values(const std::vector<column>& columns) const;

    // Whether it is about that metric, named as in run_metrics().
    bool is_about(std::string_view metric) const;

  private:
    struct factor {
        double number = 1;
        std::string text;      // as it was written
        std::string allocator; // empty: a number
        std::size_t metric = 0;
    };
    using side = std::vector<factor>;
    class parser;

    static const cell* cell_of(const factor& one, const std::vector<column>& columns); // null: unknown
    static double value_of(const factor& one, const std::vector<column>& columns);
    static double value_of(const side& factors, const std::vector<column>& columns);
    static std::string shown(const side& factors, const std::vector<column>& columns);

    std::string text_, comparison_;
    side left_, right_;
};

} // namespace krait::tools
