// Names for the addresses in reports of libkrait_debug.so, while the program runs (os/report_channel.hpp).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace krait::tools {

// A line of a report, as many lines as its address has functions, inlined ones too. Any other line as it is.
class report_names {
  public:
    report_names();
    ~report_names();
    report_names(const report_names&) = delete;
    report_names& operator=(const report_names&) = delete;

    std::string named(std::string_view line);

  private:
    class files;
    std::unique_ptr<files> files_;
};

// Starts a process, no child of this one's, that writes what comes through the returned descriptor to standard error,
// with names; the program inherits the descriptor. It ends when nobody has that any more. -1 if it cannot be had.
int start_naming();

} // namespace krait::tools
