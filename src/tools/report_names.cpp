#include "report_names.hpp"

#include "os/report_channel.hpp"
#include "trace/symbols.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <map>
#include <memory>

namespace krait::tools {

class report_names::files {
  public:
    symbols& of(const std::string& path) {
        std::unique_ptr<symbols>& there = opened_[path];
        if (there == nullptr) there = std::make_unique<symbols>(path, "");
        return *there;
    }

  private:
    std::map<std::string, std::unique_ptr<symbols>> opened_;
};

report_names::report_names() : files_(std::make_unique<files>()) {}
report_names::~report_names() = default;

namespace {

constexpr std::string_view indent = "        ";

// OBJECT+0xOFFSET of a line for a frame.
struct place {
    std::string object; // empty: the line is another
    std::uint64_t address = 0;
};
place place_in(std::string_view line) {
    const std::size_t plus = line.rfind("+0x");
    if (!line.starts_with(indent) || plus == std::string_view::npos || line[indent.size()] != '/') return {};
    place found{std::string(line.substr(indent.size(), plus - indent.size()))};
    const char* const end = line.data() + line.size();
    if (std::from_chars(line.data() + plus + 3, end, found.address, 16).ptr != end) return {};
    return found;
}

} // namespace

std::string report_names::named(std::string_view line) {
    const place at = place_in(line);
    if (at.object.empty()) return fmt::format("{}\n", line);
    std::string text;
    const std::vector<source_frame> frames = files_->of(at.object).at(at.address);
    for (const source_frame& each : frames) {
        const bool is_last = &each == &frames.back();
        if (each.function.empty()) return fmt::format("{}\n", line);
        text += fmt::format("{}{}", indent, each.function);
        if (!each.file.empty()) text += fmt::format(" at {}:{}", each.file, each.line);
        text += is_last ? fmt::format(" ({}+{:#x})\n", at.object, at.address) : " (inlined)\n";
    }
    return text;
}

namespace {

void write_all(int to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(to, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

// Until the other end is closed.
void write_named(int from) {
    report_names names;
    std::string line;
    std::array<char, 4096> part;
    for (ssize_t got; (got = read(from, part.data(), part.size())) > 0 || (got < 0 && errno == EINTR);) {
        for (const char each : std::string_view(part.data(), got > 0 ? static_cast<std::size_t>(got) : 0)) {
            if (each != '\n' && each != os::report_channel::end_mark) {
                line += each;
                continue;
            }
            if (each == '\n' || !line.empty()) write_all(STDERR_FILENO, names.named(line));
            line.clear();
            if (each == os::report_channel::end_mark) write_all(from, "\n");
        }
    }
}

// Out of the way of the terminal's signals, and of whoever waits for the end of the program's output.
[[noreturn]] void serve(int from) {
    setsid();
    signal(SIGPIPE, SIG_IGN);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    write_named(from);
    _exit(0);
}

// As the reader of reports, so that no program takes another socket for the way to it.
bool give_name(int own) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const std::string name =
        fmt::format("{}{}-{}.{:09}", os::report_channel::name_of_reader, getpid(), now.tv_sec, now.tv_nsec);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    return bind(own, reinterpret_cast<const sockaddr*>(&address), bytes) == 0;
}

} // namespace

int start_naming() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return -1;
    const auto [own, program_s] = ends;
    const pid_t between = give_name(own) ? fork() : -1;
    if (between == 0) {
        close(program_s);
        if (fork() == 0) serve(own);
        _exit(0);
    }
    close(own);
    int status = 0;
    while (between > 0 && waitpid(between, &status, 0) < 0 && errno == EINTR) {
    }
    // High up, where no script opens another file.
    const int high = between > 0 ? fcntl(program_s, F_DUPFD, 200) : -1;
    if (between > 0 && high < 0) return program_s; // there may be fewer
    close(program_s);
    return high;
}

} // namespace krait::tools
