#include "program.hpp"

#include "failure.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

// A file's bytes, mapped read-only; none for a file that cannot be read.
class mapped_file {
  public:
    explicit mapped_file(const fs::path& path) {
        const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) return;
        struct stat status {};
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
            const auto size = static_cast<std::size_t>(status.st_size);
            if (void* at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0); at != MAP_FAILED)
                bytes_ = {static_cast<const char*>(at), size};
        }
        close(fd);
    }
    ~mapped_file() {
        if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
    }
    mapped_file(const mapped_file&) = delete;
    mapped_file& operator=(const mapped_file&) = delete;

    std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

    // The record at an offset, copied; zeros where the file is too short.
    template <class Record>
    Record at(std::size_t offset) const {
        Record record{};
        if (offset <= bytes_.size() && bytes_.size() - offset >= sizeof record)
            std::memcpy(&record, bytes_.data() + offset, sizeof record);
        return record;
    }

    // The text at an offset, up to its zero byte.
    std::string_view text(std::size_t offset) const {
        const std::string_view rest = bytes().substr(std::min(offset, bytes_.size()));
        return rest.substr(0, rest.find('\0'));
    }

  private:
    std::span<const char> bytes_;
};

constexpr unsigned char native_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;

// The loader that the program names; empty for one without.
std::string_view interpreter_of(const mapped_file& file, const Elf64_Ehdr& header) {
    for (std::size_t i = 0; i < header.e_phnum; ++i)
        if (const auto part = file.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr)); part.p_type == PT_INTERP)
            return file.text(part.p_offset);
    return {};
}

// Whether the program itself defines the name for every library in the process: it comes before all that is preloaded.
bool defines(std::string_view name, const mapped_file& file, const Elf64_Ehdr& header) {
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
        const auto section = file.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
        if (section.sh_type != SHT_DYNSYM) continue;
        const auto names = file.at<Elf64_Shdr>(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
        for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
            const auto symbol = file.at<Elf64_Sym>(section.sh_offset + at);
            if (symbol.st_shndx != SHN_UNDEF && file.text(names.sh_offset + symbol.st_name) == name) return true;
        }
    }
    return false;
}

// A sanitizer's runtime in the program: the library says so itself when it steps aside (os/sanitizer.hpp).
bool shows_sanitizer(const mapped_file& file, const Elf64_Ehdr& header) {
    for (const char* entry : {"__asan_init", "__hwasan_init", "__lsan_init", "__msan_init", "__tsan_init"})
        if (defines(entry, file, header)) return true;
    return false;
}

// Whether exec gives the program rights that its caller lacks; ld.so then ignores LD_PRELOAD paths.
bool gains_rights(const fs::path& program) {
    struct stat status {};
    if (stat(program.c_str(), &status) != 0) return false;
    if ((status.st_mode & S_ISUID) != 0 && status.st_uid != getuid()) return true;
    if ((status.st_mode & S_ISGID) != 0 && status.st_gid != getgid()) return true;
    return getuid() != 0 && getxattr(program.c_str(), "security.capability", nullptr, 0) > 0;
}

// The program that the kernel starts for a "#!" line; for env(1), the one that env starts.
fs::path script_interpreter(std::string_view script) {
    std::istringstream words{std::string(script.substr(2, std::min(script.find('\n'), std::size_t{256}) - 2))};
    std::string interpreter;
    words >> interpreter;
    if (fs::path(interpreter).filename() != "env") return interpreter;
    std::string name;
    while (words >> name)
        if (name.front() != '-' && name.find('=') == std::string::npos) return find_program(name, std::getenv("PATH"));
    return interpreter;
}

std::string why_preload_is_void(const fs::path& program, int interpreters_left) {
    const mapped_file file(program);
    const std::string_view bytes = file.bytes();
    if (bytes.starts_with("#!") && interpreters_left > 0)
        return why_preload_is_void(script_interpreter(bytes), interpreters_left - 1);
    if (gains_rights(program)) return "is setuid, setgid or has file capabilities";
    if (!bytes.starts_with(ELFMAG)) return {};
    const auto header = file.at<Elf64_Ehdr>(0);
    if (header.e_ident[EI_CLASS] != native_class) return "is a program for another word size than this krait's";
    const std::string_view interpreter = interpreter_of(file, header);
    if (interpreter.empty()) return "is statically linked";
    if (interpreter.find("/ld-musl-") != std::string_view::npos) return "is linked with musl, and krait needs glibc";
    if (defines("malloc", file, header) && !shows_sanitizer(file, header)) return "brings its own malloc";
    return {};
}

} // namespace

fs::path find_program(std::string_view name, const char* path) {
    const auto executable = [](const fs::path& file) {
        std::error_code none;
        return fs::is_regular_file(file, none) && access(file.c_str(), X_OK) == 0;
    };
    if (name.find('/') != std::string_view::npos) return executable(name) ? fs::path(name) : fs::path();
    std::istringstream folders{std::string(path == nullptr ? "/bin:/usr/bin" : path)};
    for (std::string folder; std::getline(folders, folder, ':');)
        if (fs::path file = fs::path(folder.empty() ? "." : folder) / name; executable(file)) return file;
    return {};
}

std::string why_preload_is_void(const fs::path& program) { return why_preload_is_void(program, 4); }

int execute(const std::vector<std::string>& command) {
    std::vector<char*> argv;
    for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execvp(argv.front(), argv.data());
    return errno;
}

void fail_to_execute(const std::string& name, int error) {
    if (error == ENOENT || error == ENOTDIR)
        throw failure(status_not_found, fmt::format("{}: command not found: check its name and PATH", name));
    throw failure(status_not_executable, fmt::format("{}: cannot be executed: {}", name, std::strerror(error)));
}

} // namespace krait::tools
