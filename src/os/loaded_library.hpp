// What the dynamic loader has loaded, and whose definition of a name comes first. Reads the loader's own tables: takes
// no memory, and no lock but the one of dl_iterate_phdr(3), which its holder may take again. dlsym(3) may need both.
//
//   load order      the program, then what was preloaded, then the libraries in link order: the loader's own order of
//                   search for all that the program started with
//   a definition    a name of the library's dynamic symbols that has a section, or is absolute. A program that took
//                   a function's address has a value for it without a section: that is none
#pragma once

#include <cstddef>
#include <cstdint>
#include <link.h>

namespace krait::os {

class loaded_library {
  public:
    constexpr loaded_library() = default;
    explicit loaded_library(const dl_phdr_info& info) noexcept;

    explicit operator bool() const noexcept { return symbols_ != nullptr; }

    // The loader's own copy of the file's name: empty for the program itself.
    const char* file() const noexcept { return file_; }
    // The name that the library gives itself (DT_SONAME): empty if it has none.
    const char* own_name() const noexcept { return own_name_ != 0 ? names_ + own_name_ : ""; }

    // Its definition of the name, of whatever version; nullptr if it has none.
    const ElfW(Sym) * find(const char* name) const noexcept;
    // Where that definition is; nullptr if there is none.
    void* address_of(const char* name) const noexcept;
    std::uintptr_t base() const noexcept { return base_; }

    bool operator==(const loaded_library& other) const noexcept { return symbols_ == other.symbols_; }

  private:
    struct gnu_hash;
    struct sysv_hash;

    const ElfW(Sym) * find_by_gnu_hash(const char* name) const noexcept;
    const ElfW(Sym) * find_by_sysv_hash(const char* name) const noexcept;
    bool defines(std::uint32_t index, const char* name) const noexcept;

    std::uintptr_t base_ = 0;
    const char* file_ = nullptr;
    const ElfW(Sym) * symbols_ = nullptr;
    const char* names_ = nullptr;
    const gnu_hash* gnu_ = nullptr;
    const sysv_hash* sysv_ = nullptr;
    std::size_t own_name_ = 0;
};

// Called for each library in load order, until one call says true.
using library_visitor = bool(const dl_phdr_info& info, void* argument) noexcept;
void visit_libraries(library_visitor* visitor, void* argument) noexcept;

// Whether an address lies in the library.
bool is_in(const dl_phdr_info& info, const void* address) noexcept;

// The library that an address lies in; none, if there is none.
loaded_library library_of(const void* address) noexcept;

// The first definition of a name in load order; nullptr if there is none.
void* first_definition(const char* name) noexcept;

} // namespace krait::os
