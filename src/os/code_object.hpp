// The file that an address of code was loaded from, without a lock where libc can say so (2.35 and later): so that it
// may be asked for anywhere, under whatever locks the program holds.
#pragma once

#include <cstdint>
#include <elf.h>
#include <link.h>
#include <span>

namespace krait::os {

struct code_object {
    std::uintptr_t begin = 0, end = 0;           // its loaded segments lie within
    std::uintptr_t bias = 0;                     // address = address in its program headers + bias
    const unsigned char* unwind_table = nullptr; // .eh_frame_hdr; nullptr if it has none
    const char* name = nullptr;                  // the loader's: empty for the program itself
    std::span<const ElfW(Phdr)> segments;        // program headers

    explicit operator bool() const noexcept { return end != 0; }
    bool holds(std::uintptr_t address) const noexcept { return address - begin < end - begin; }
};

// None if no loaded file has that address.
code_object code_object_at(std::uintptr_t address) noexcept;

// The bytes of its build id; empty if it has none.
std::span<const unsigned char> build_id_of(const code_object& object) noexcept;

// The address of what the file exports by that name; 0 if it does not. Takes no lock of the loader's, as dlsym(3) does.
std::uintptr_t exported_symbol(const code_object& object, const char* name) noexcept;

// The program's own path; the characters are cut to fit and ended by a zero.
void program_path(std::span<char> path) noexcept;

// Where the program begins: an address in its code. No system call.
std::uintptr_t program_entry() noexcept;

} // namespace krait::os
