#include "os/code_object.hpp"

#include "os/each_library.hpp"
#include "os/errno_kept.hpp"
#include "os/loaded_library.hpp"
#include "os/system_call.hpp"

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <sys/auxv.h>

// glibc 2.35. Another libc lacks it, and the loader's lock has to be taken.
extern "C" [[gnu::weak]] int _dl_find_object(void* address, struct dl_find_object* result) noexcept;

namespace krait::os {

namespace {

// The headers are in the file's first segment, behind its ELF header.
std::span<const ElfW(Phdr)> segments_behind(const void* begin) noexcept {
    const auto* const file = static_cast<const ElfW(Ehdr)*>(begin);
    if (std::memcmp(file->e_ident, ELFMAG, SELFMAG) != 0 || file->e_phentsize != sizeof(ElfW(Phdr))) return {};
    const auto* const first =
        reinterpret_cast<const ElfW(Phdr)*>(static_cast<const unsigned char*>(begin) + file->e_phoff);
    return {first, file->e_phnum};
}

code_object described(const dl_phdr_info& info) noexcept {
    code_object object;
    object.bias = info.dlpi_addr;
    object.name = info.dlpi_name;
    object.segments = {info.dlpi_phdr, info.dlpi_phnum};
    object.begin = UINTPTR_MAX;
    for (const auto& each : object.segments) {
        const std::uintptr_t start = info.dlpi_addr + each.p_vaddr;
        if (each.p_type == PT_GNU_EH_FRAME) object.unwind_table = reinterpret_cast<const unsigned char*>(start);
        if (each.p_type != PT_LOAD) continue;
        object.begin = std::min(object.begin, start);
        object.end = std::max(object.end, start + each.p_memsz);
    }
    return object;
}

code_object found_in_the_list(std::uintptr_t address) noexcept {
    code_object found;
    each_library([&](const dl_phdr_info& info) noexcept {
        const bool is_here = is_in(info, reinterpret_cast<const void*>(address));
        if (is_here) found = described(info);
        return is_here;
    });
    return found;
}

} // namespace

code_object code_object_at(std::uintptr_t address) noexcept {
    if (&_dl_find_object == nullptr) return found_in_the_list(address);
    struct dl_find_object result {};
    if (_dl_find_object(reinterpret_cast<void*>(address), &result) != 0) return {};
    code_object object;
    object.begin = reinterpret_cast<std::uintptr_t>(result.dlfo_map_start);
    object.end = reinterpret_cast<std::uintptr_t>(result.dlfo_map_end);
    object.bias = result.dlfo_link_map->l_addr;
    object.unwind_table = static_cast<const unsigned char*>(result.dlfo_eh_frame);
    object.name = result.dlfo_link_map->l_name;
    object.segments = segments_behind(result.dlfo_map_start);
    return object;
}

std::span<const unsigned char> build_id_of(const code_object& object) noexcept {
    for (const auto& segment : object.segments) {
        if (segment.p_type != PT_NOTE) continue;
        const auto* at = reinterpret_cast<const unsigned char*>(object.bias + segment.p_vaddr);
        const auto* const end = at + segment.p_memsz;
        while (static_cast<std::size_t>(end - at) >= sizeof(ElfW(Nhdr))) {
            ElfW(Nhdr) note;
            std::memcpy(&note, at, sizeof note);
            const auto* const name = at + sizeof note;
            const auto* const content = name + ((note.n_namesz + 3U) & ~3U);
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0)
                return {content, note.n_descsz};
            at = content + ((note.n_descsz + 3U) & ~3U);
        }
    }
    return {};
}

std::uintptr_t exported_symbol(const code_object& object, const char* name) noexcept {
    dl_phdr_info info{};
    info.dlpi_addr = object.bias;
    info.dlpi_name = object.name;
    info.dlpi_phdr = object.segments.data();
    info.dlpi_phnum = static_cast<ElfW(Half)>(object.segments.size());
    return reinterpret_cast<std::uintptr_t>(loaded_library(info).address_of(name));
}

void program_path(std::span<char> path) noexcept {
    const errno_kept keep;
    const long length = system_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path.data(), path.size() - 1);
    path[length > 0 ? static_cast<std::size_t>(length) : 0] = '\0';
}

std::uintptr_t program_entry() noexcept { return getauxval(AT_ENTRY); }

} // namespace krait::os
