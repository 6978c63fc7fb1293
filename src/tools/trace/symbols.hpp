// Names for addresses in one file of a program: function, source file and line from its DWARF by way of libdw, those of
// inlined functions too; where it has none, from its symbols.
//
//   address    in the file's program headers: what the linker gave it, not where it was loaded
//   debug file the one that the file's build id or .gnu_debuglink names: in its folder, in .debug beside it, below the
//              folders of KRAIT_DEBUG_PATH (/usr/lib/debug), or in debuginfod's cache
//
//   at(address) is never empty, innermost first, and only its last frame is of a function that was not inlined
//   a file whose build id is another than the one asked for is never used: its names would be wrong
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace krait::tools {

struct source_frame {
    std::string function;     // empty: nothing is known but the address
    std::string file;         // empty: not known
    unsigned line = 0;        // 0: not known
    std::uint64_t offset = 0; // where the line is not known: of the address in the function, else in the file
};

class symbols {
  public:
    // The file as it was when a program ran it. `build_id` in hex, empty if it had none.
    symbols(std::string path, std::string build_id);
    ~symbols();
    symbols(const symbols&) = delete;
    symbols& operator=(const symbols&) = delete;

    std::vector<source_frame> at(std::uint64_t address);

    // What the user should know about the names, as one sentence; empty if all is well.
    const std::string& warning() const noexcept { return warning_; }

  private:
    class opened;

    std::string warning_;
    std::unique_ptr<opened> opened_; // null if there is no such file any more
};

} // namespace krait::tools
