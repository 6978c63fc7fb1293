#pragma once

#include "compare/measurement.hpp"
#include "observe/heap_picture.hpp"

#include <optional>
#include <string>
#include <vector>

// What `krait advise` has found out about a program, and what it says of it.
namespace krait::tools {

struct advice_findings {
    std::string program;                // the name of its file
    bool out_of_reach = false;          // what was found out of its file says that no preload can serve it
    std::vector<std::string> obstacles; // advise/obstacles.hpp
    std::vector<std::string> mallocs;   // other mallocs in the process
    run_result plain;                   // under glibc
    run_result preloaded;               // under krait
    std::optional<heap_picture>
        largest; // krait's heap when the program's memory was at its most, of the process with most
};

// The report, for the width of a terminal or a file: whether the preload took effect, what share of the memory krait
// saw and in which sizes, which switch would move more, what was gained.
std::string advice_text(const advice_findings& found);

} // namespace krait::tools
