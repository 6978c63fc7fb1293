#pragma once

#include <string>
#include <vector>

namespace krait::tools {

// As the command line gives them.
struct compare_arguments {
    std::string allocators = "glibc,krait,mimalloc";
    unsigned runs = 3;
    unsigned warm_ups = 1;
    unsigned interval = 20;
    std::string html, json, csv, svg, driver, against;
    std::vector<std::string> fail_if, with, also; // also: --and

    bool phases = false;
    bool group = false;

    std::vector<std::string> files() const {
        std::vector<std::string> named{html, json, csv, svg};
        std::erase(named, "");
        return named;
    }
};

// What `krait compare` does: runs the command, and those beside it, under the allocators, and tells the result where it
// is asked for. Returns the exit status; ends this process by the signal that asked it to end.
int report_on(const compare_arguments& arguments, std::vector<std::string> command);

} // namespace krait::tools
