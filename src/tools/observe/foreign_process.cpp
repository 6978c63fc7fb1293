#include "observe/foreign_process.hpp"

#include "observe/refusal.hpp"
#include "proc_file.hpp"

#include <elf.h>
#include <link.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <sstream>

namespace krait::tools {

std::vector<mapped_library> libraries_in(std::string_view maps) {
    struct mapped_file {
        mapped_library library;
        bool executable = false;
    };
    std::vector<mapped_file> files;
    std::istringstream lines{std::string(maps)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string range, rights, offset, device, inode, file;
        words >> range >> rights >> offset >> device >> inode >> std::ws;
        std::getline(words, file);
        if (!file.starts_with('/')) continue;
        if (files.empty() || files.back().library.file != file)
            files.push_back({{file, std::stoull(range, nullptr, 16) - std::stoull(offset, nullptr, 16)}});
        files.back().executable |= rights.find('x') != std::string::npos;
    }
    std::vector<mapped_library> libraries;
    for (mapped_file& each : files)
        if (each.executable) libraries.push_back(std::move(each.library));
    return libraries;
}

void foreign_process::fail_to_read(int error) const {
    if (error != EFAULT) fail("{}", why_not(facts_about(id_, error)));
    throw bad_address(status_failed, fmt::format("process {} cannot be read: {}", id_, std::strerror(error)));
}

std::string foreign_process::file(std::string_view name) const {
    return fmt::format("/proc/{}/task/{}/{}", id_, thread_, name);
}

bool foreign_process::turn_to_living_thread() const {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", id_), none)) {
        const process_status status = status_of(entry.path());
        if (status.state == 0 || has_ended(status)) continue;
        thread_ = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
        return true;
    }
    return false;
}

std::string foreign_process::maps() const {
    auto maps = read_proc_file(file("maps"));
    const int error = errno;
    if ((!maps || maps->empty()) && turn_to_living_thread()) maps = read_proc_file(file("maps"));
    if (!maps) fail_to_read(error);
    if (maps->empty()) fail_to_read(ESRCH); // a kernel's thread, or a process that ended
    return *maps;
}

std::optional<process_memory> foreign_process::memory() const {
    std::istringstream words(read_proc_file(file("statm")).value_or(""));
    std::uint64_t size = 0, resident = 0, shared = 0;
    if (!(words >> size >> resident >> shared) || resident == 0 || shared > resident) return std::nullopt;
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return process_memory{resident * page, (resident - shared) * page};
}

std::string foreign_process::name() const { return name_of(id_); }

double foreign_process::age() const {
    const std::uint64_t started = status_of(fmt::format("/proc/{}", id_)).started;
    timespec now{};
    if (started == 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 -
           static_cast<double>(started) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// A process that ends gives its memory back first: on a busy machine, long before its threads are seen to have ended.
bool foreign_process::is_gone() const { return !turn_to_living_thread() || !memory(); }

void foreign_process::read(foreign_address from, void* to, std::size_t size) const {
    for (std::size_t done = 0; done < size;) {
        const iovec here{static_cast<char*>(to) + done, size - done};
        const iovec there{reinterpret_cast<void*>(from + done), size - done};
        ssize_t got = process_vm_readv(thread_, &here, 1, &there, 1, 0);
        if (got < 0 && errno == ESRCH && turn_to_living_thread())
            got = process_vm_readv(thread_, &here, 1, &there, 1, 0);
        if (got <= 0) fail_to_read(got == 0 ? EFAULT : errno);
        done += static_cast<std::size_t>(got);
    }
}

namespace {

// A note's head; its name and its description follow, each padded to four bytes.
struct note_head {
    std::uint32_t name_size; // with its zero byte
    std::uint32_t size;      // of the description
    std::uint32_t type;
};

constexpr std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

foreign_address find_note_in(const foreign_process& process, foreign_address at, foreign_address end,
                             std::string_view name, std::uint32_t type, std::size_t size) {
    while (at + sizeof(note_head) <= end) {
        const auto head = process.read<note_head>(at);
        const foreign_address description = at + sizeof head + padded(head.name_size);
        if (head.type == type && head.size == size && head.name_size == name.size() + 1 && description + size <= end) {
            std::string found(name.size(), ' ');
            process.read(at + sizeof head, found.data(), found.size());
            if (found == name) return description;
        }
        at = description + padded(head.size);
    }
    return 0;
}

} // namespace

foreign_address foreign_process::find_note(const mapped_library& library, std::string_view name, std::uint32_t type,
                                           std::size_t size) const {
    const auto header = read<ElfW(Ehdr)>(library.base);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return 0;
    foreign_address bias = 0; // added to the file's addresses
    bool biased = false;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto segment = read<ElfW(Phdr)>(library.base + header.e_phoff + i * sizeof(ElfW(Phdr)));
        if (segment.p_type == PT_LOAD && !biased) {
            bias = library.base - (segment.p_vaddr - segment.p_offset);
            biased = true;
        }
    }
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto segment = read<ElfW(Phdr)>(library.base + header.e_phoff + i * sizeof(ElfW(Phdr)));
        if (segment.p_type != PT_NOTE || segment.p_align > 4) continue; // eight: gnu.property
        const foreign_address start = bias + segment.p_vaddr;
        if (const auto found = find_note_in(*this, start, start + segment.p_memsz, name, type, size)) return found;
    }
    return 0;
}

} // namespace krait::tools
