#include "os/loaded_library.hpp"

#include <cstdint>
#include <link.h>

namespace krait::os {

namespace {

struct search {
    std::uintptr_t address;
    const char* library;
};

bool holds(const dl_phdr_info& library, std::uintptr_t address) noexcept {
    for (std::size_t i = 0; i < library.dlpi_phnum; ++i) {
        auto const& segment = library.dlpi_phdr[i];
        if (segment.p_type == PT_LOAD && address - (library.dlpi_addr + segment.p_vaddr) < segment.p_memsz) return true;
    }
    return false;
}

int look_at(dl_phdr_info* library, std::size_t, void* argument) noexcept {
    auto& wanted = *static_cast<search*>(argument);
    if (!holds(*library, wanted.address)) return 0;
    wanted.library = library->dlpi_name;
    return 1;
}

} // namespace

const char* library_of(const void* address) noexcept {
    search wanted{reinterpret_cast<std::uintptr_t>(address), nullptr};
    dl_iterate_phdr(look_at, &wanted);
    return wanted.library;
}

} // namespace krait::os
