// Names for the addresses of a process: variables, functions of frames, types of objects. From its files' symbol tables
// and DWARF by way of libdw; types from their vtables' RTTI in memory, which stripped files have too.
#pragma once

#include "doctor/address_map.hpp"
#include "doctor/picture_memory.hpp"
#include "doctor/stopped_process.hpp"
#include "trace/frames.hpp"
#include "trace/symbols.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct Dwfl_Module;

namespace krait::tools {

// A variable of static or thread-local storage.
struct data_symbol {
    std::uint64_t start = 0, end = 0; // TLS: in its module's block
    const char* name = nullptr;       // as the linker has it
    const char* object = nullptr;     // the file's name, without its folder
};

struct stack_frame {
    foreign_address low = 0; // its stack pointer: its variables lie from here up to the next frame
    foreign_address pc = 0;
};

class process_names {
  public:
    process_names(const picture_memory& memory, const address_map& map);
    ~process_names();
    process_names(const process_names&) = delete;
    process_names& operator=(const process_names&) = delete;

    // Null where no symbol covers it.
    const data_symbol* variable_at(foreign_address address);
    // Of the first file that has a variable of the name; 0 where none has.
    foreign_address address_of_variable(std::string_view name);
    // Of the program's own; other modules' blocks lie where only the dynamic linker knows.
    const data_symbol* thread_variable_at(foreign_address address, foreign_address thread_pointer);
    // Bytes in front of a thread pointer that are thread-local storage, as far as files say.
    std::uint64_t bytes_of_thread_variables();

    // The function, and "file:line" where it is known; in the outermost inlined one.
    struct code_name {
        std::string function, where;
    };
    const code_name& code_at(foreign_address pc);
    // All frames of a place in a stack, innermost first: inlined functions are frames of their own.
    std::vector<frame> frames_at(foreign_address pc);
    bool is_code(foreign_address address) const noexcept;
    // In something mapped from a file: a constant, a variable, code.
    bool is_static(foreign_address address) const noexcept;

    // Of the innermost first; the last ones are missing where the stack cannot be followed.
    std::vector<stack_frame> frames_of(const thread_registers& registers);

    // The type of an object whose first word this is, if it points to a vtable.
    const std::string& type_of_vtable(foreign_address vtable);

  private:
    class session; // of libdw
    struct module_symbols {
        Dwfl_Module* module = nullptr;
        std::uint64_t start = 0, end = 0, bias = 0;
        std::string path, object;
        bool is_read = false;
        std::vector<data_symbol> data, thread_data; // by start
        std::uint64_t thread_bytes = 0;
        std::uint64_t thread_alignment = 1;
        std::unique_ptr<symbols> code;
    };

    module_symbols* module_at(foreign_address address) noexcept;
    void read_symbols(module_symbols& of) const;
    std::string read_type(foreign_address vtable) const;

    const picture_memory& memory_;
    const address_map& map_;
    std::unique_ptr<session> session_;
    std::vector<module_symbols> modules_; // by start
    std::size_t program_ = 0;
    std::unordered_map<foreign_address, std::string> types_;
    std::unordered_map<foreign_address, code_name> codes_;
};

} // namespace krait::tools
