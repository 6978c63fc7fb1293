#include "os/command_line.hpp"

#include "base/text.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace krait::os {

void current_folder(std::span<char> path) noexcept {
    const errno_kept keep;
    if (system_call(SYS_getcwd, path.data(), path.size()) <= 0) path[0] = '\0';
}

void thread_name(thread_id thread, std::span<char> name) noexcept {
    const errno_kept keep;
    std::array<char, 64> path{};
    {
        text out(
            [](void* to, std::string_view part) noexcept {
                std::memcpy(to, part.data(), std::min<std::size_t>(part.size(), 63));
            },
            path.data());
        out << "/proc/self/task/" << std::uint64_t{thread} << "/comm";
    }
    name[0] = '\0';
    if (has_filter()) return;
    const int file = open_file(path.data(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    const long length = system_call(SYS_read, file, name.data(), name.size() - 1);
    close_file(file);
    if (length > 0) name[static_cast<std::size_t>(length) - 1] = '\0'; // the line's end
}

void visit_arguments(argument_visitor* visitor, void* context) noexcept {
    const errno_kept keep;
    const int file = open_file("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    std::array<char, 4096> part;
    std::size_t held = 0;
    for (;;) {
        const long got = system_call(SYS_read, file, part.data() + held, part.size() - held);
        if (got <= 0) break;
        held += static_cast<std::size_t>(got);
        std::size_t done = 0;
        while (const void* const zero = std::memchr(part.data() + done, 0, held - done)) {
            const auto length = static_cast<std::size_t>(static_cast<const char*>(zero) - (part.data() + done));
            visitor(context, {part.data() + done, length});
            done += length + 1;
        }
        if (done == 0 && held == part.size()) {
            visitor(context, {part.data(), held});
            done = held;
        }
        std::memmove(part.data(), part.data() + done, held - done);
        held -= done;
    }
    close_file(file);
}

} // namespace krait::os
