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
    // run, or where none of then has the label of now.
    std::string text(const summarized& now) const;

  private:
    struct value {
        std::string allocator, metric;
        double median, least, most;
    };
    struct result {
        std::string label;
        std::vector<std::string> command;
        std::vector<value> values;
    };
    std::filesystem::path file_;
    std::vector<result> results_;
};

} // namespace krait::tools
