// The functions of one file by address, from its DWARF: units by their ranges, a unit's functions when it is asked.
// libdw's own way goes by .debug_aranges, which clang and rustc do not write.
#pragma once

#include "trace/symbols.hpp"

#include <elfutils/libdwfl.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace krait::tools {

class dwarf_functions {
  public:
    explicit dwarf_functions(Dwfl_Module* module);

    // Innermost first; empty where the file says nothing of the address.
    std::vector<source_frame> at(std::uint64_t address);

  private:
    template <class What>
    struct ranged {
        std::uint64_t begin, end;
        What what;
    };
    struct unit {
        Dwarf_Die die;    // with the table of lines
        Dwarf_Die bodies; // with the functions: of a split unit the .dwo's
        std::uint64_t bias;
        bool is_read = false;
        std::vector<ranged<Dwarf_Die>> functions;
    };

    void read_functions(unit& in, Dwarf_Die& below, const std::string& scope);
    std::string qualified(Dwarf_Die function, const char* name);
    const std::string& name_of(Dwarf_Die& function);

    // Of functions that have no name for the linker, as in anonymous namespaces: what stands before theirs.
    std::unordered_map<const void*, std::string> scopes_;
    std::vector<unit> units_;
    std::vector<ranged<std::size_t>> ranges_;
    std::unordered_map<const void*, std::string> names_; // by where the entry is mapped
};

} // namespace krait::tools
