#include "observe/foreign_process.hpp"

#include "proc_file.hpp"

#include <elf.h>
#include <link.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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
    if (error == ESRCH || error == ENOENT) fail("there is no process {}: look its number up with `pgrep -a NAME`", id_);
    if (error == EPERM || error == EACCES)
        fail("process {} may not be read by you: run krait as its user or as root, or, where ptrace is restricted, set "
             "/proc/sys/kernel/yama/ptrace_scope to 0",
             id_);
    const std::string sentence = fmt::format("process {} cannot be read: {}", id_, std::strerror(error));
    if (error == EFAULT) throw bad_address(status_failed, sentence);
    throw failure(status_failed, sentence);
}

std::vector<mapped_library> foreign_process::libraries() const {
    const auto maps = read_proc_file(fmt::format("/proc/{}/maps", id_));
    if (!maps) fail_to_read(errno);
    return libraries_in(*maps);
}

std::uint64_t foreign_process::rss() const {
    std::istringstream words(read_proc_file(fmt::format("/proc/{}/statm", id_)).value_or(""));
    std::uint64_t size = 0, resident = 0;
    if (!(words >> size >> resident)) fail_to_read(ESRCH);
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string foreign_process::name() const {
    std::string name = read_proc_file(fmt::format("/proc/{}/comm", id_)).value_or("");
    name.erase(std::min(name.find('\n'), name.size()));
    for (char& c : name) // the process chose it, and it goes to a terminal
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    return name;
}

bool foreign_process::is_gone() const { return read_proc_file(fmt::format("/proc/{}/maps", id_)).value_or("").empty(); }

void foreign_process::read(foreign_address from, void* to, std::size_t size) const {
    for (std::size_t done = 0; done < size;) {
        const iovec here{static_cast<char*>(to) + done, size - done};
        const iovec there{reinterpret_cast<void*>(from + done), size - done};
        const ssize_t got = process_vm_readv(id_, &here, 1, &there, 1, 0);
        if (got <= 0) fail_to_read(got == 0 ? EFAULT : errno);
        done += static_cast<std::size_t>(got);
    }
}

namespace {

// What a dynamic section says of the symbols; addresses are in the process.
struct symbol_tables {
    foreign_address bias = 0; // added to the file's addresses
    foreign_address symbols = 0;
    foreign_address names = 0;
    foreign_address gnu_hash = 0;
};

void read_dynamic_section(const foreign_process& process, foreign_address at, symbol_tables& found) {
    // ld.so adds the bias to these entries when it loads the file, but not on every machine.
    const auto in_process = [&](foreign_address value) { return value < found.bias ? value + found.bias : value; };
    for (;; at += sizeof(ElfW(Dyn))) {
        const auto entry = process.read<ElfW(Dyn)>(at);
        if (entry.d_tag == DT_NULL) return;
        if (entry.d_tag == DT_SYMTAB) found.symbols = in_process(entry.d_un.d_ptr);
        if (entry.d_tag == DT_STRTAB) found.names = in_process(entry.d_un.d_ptr);
        if (entry.d_tag == DT_GNU_HASH) found.gnu_hash = in_process(entry.d_un.d_ptr);
    }
}

symbol_tables find_symbol_tables(const foreign_process& process, foreign_address base) {
    symbol_tables found;
    const auto header = process.read<ElfW(Ehdr)>(base);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return found;
    bool biased = false;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto segment = process.read<ElfW(Phdr)>(base + header.e_phoff + i * sizeof(ElfW(Phdr)));
        if (segment.p_type == PT_LOAD && !biased) {
            found.bias = base - (segment.p_vaddr - segment.p_offset);
            biased = true;
        }
        if (segment.p_type == PT_DYNAMIC) read_dynamic_section(process, found.bias + segment.p_vaddr, found);
    }
    return found;
}

struct gnu_hash_header {
    std::uint32_t bucket_count;
    std::uint32_t first_symbol;
    std::uint32_t bloom_words;
    std::uint32_t bloom_shift;
};

std::uint32_t gnu_hash_of(std::string_view name) {
    std::uint32_t hash = 5381;
    for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
    return hash;
}

} // namespace

// The symbol is looked up as ld.so does it: the hash picks a bucket, the bucket starts a run of symbols whose hashes
// are stored in the chain; the run's last one has its lowest bit set.
foreign_address foreign_process::find_symbol(const mapped_library& library, std::string_view name) const {
    const symbol_tables tables = find_symbol_tables(*this, library.base);
    if (tables.symbols == 0 || tables.names == 0 || tables.gnu_hash == 0) return 0;
    const auto header = read<gnu_hash_header>(tables.gnu_hash);
    if (header.bucket_count == 0) return 0;
    const foreign_address buckets = tables.gnu_hash + sizeof header + header.bloom_words * sizeof(ElfW(Addr));
    const foreign_address chain = buckets + header.bucket_count * sizeof(std::uint32_t);
    const std::uint32_t hash = gnu_hash_of(name);
    auto index = read<std::uint32_t>(buckets + hash % header.bucket_count * sizeof(std::uint32_t));
    if (index < header.first_symbol) return 0;
    for (std::uint32_t entry = 0; (entry & 1) == 0; ++index) {
        entry = read<std::uint32_t>(chain + (index - header.first_symbol) * sizeof(std::uint32_t));
        if ((entry | 1) != (hash | 1)) continue;
        const auto symbol = read<ElfW(Sym)>(tables.symbols + index * sizeof(ElfW(Sym)));
        std::string found(name.size() + 1, ' ');
        read(tables.names + symbol.st_name, found.data(), found.size());
        if (found == std::string(name) + '\0' && symbol.st_shndx != SHN_UNDEF) return tables.bias + symbol.st_value;
    }
    return 0;
}

} // namespace krait::tools
