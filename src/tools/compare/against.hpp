#pragma once

#include "compare/summary.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace krait::tools {

// Yesterday's result: the JSON of an earlier comparison.
class earlier_comparison {
  public:
    // Fails where the file is none, or of a format that this command does not know.
    explicit earlier_comparison(const std::filesystem::path& file);

    // The medians of then and now, of each allocator that both have: a row a metric. Says so where another command was
    // run.
    std::string text(const std::vector<column>& columns, const std::vector<std::string>& command) const;

  private:
    struct value {
        std::string allocator, metric;
        double median, least, most;
    };
    std::filesystem::path file_;
    std::vector<std::string> command_;
    std::vector<value> values_;
};

} // namespace krait::tools
