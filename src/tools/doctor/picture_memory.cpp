#include "doctor/picture_memory.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace krait::tools {

std::size_t picture_memory::read(foreign_address from, void* to, std::size_t size) const noexcept {
    std::size_t there_are = 0;
    for (std::size_t done = 0; done < size;) {
        const iovec here{static_cast<char*>(to) + done, size - done};
        const iovec there{reinterpret_cast<void*>(from + done), size - done};
        const ssize_t got = process_vm_readv(process_, &here, 1, &there, 1, 0);
        if (got > 0) {
            done += static_cast<std::size_t>(got);
            there_are += static_cast<std::size_t>(got);
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        // Nothing of this page is there.
        const std::size_t to_next = page_bytes - (from + done) % page_bytes;
        const std::size_t gap = std::min(to_next, size - done);
        std::memset(static_cast<char*>(to) + done, 0, gap);
        done += gap;
    }
    return there_are;
}

std::uint64_t picture_memory::word(foreign_address from) const noexcept {
    const foreign_address page = from & ~foreign_address{page_bytes - 1};
    std::uint64_t value = 0;
    if (from - page > page_bytes - sizeof value) return at<std::uint64_t>(from);
    if (page != kept_) read(page, kept_page_, page_bytes);
    kept_ = page;
    std::memcpy(&value, kept_page_ + (from - page), sizeof value);
    return value;
}

std::string picture_memory::text(foreign_address from, std::size_t most) const {
    std::string read_text(most, '\0');
    read_text.resize(read(from, read_text.data(), most));
    read_text.resize(std::min(read_text.find('\0'), read_text.size()));
    return read_text;
}

std::vector<picture_memory::span> picture_memory::present(foreign_address start, foreign_address end,
                                                          bool is_shared) const {
    constexpr std::uint64_t is_present = std::uint64_t{1} << 63, is_swapped = std::uint64_t{1} << 62;
    const auto page = static_cast<foreign_address>(sysconf(_SC_PAGESIZE));
    const int file = open(fmt::format("/proc/{}/pagemap", is_shared ? of_ : process_).c_str(), O_RDONLY | O_CLOEXEC);
    std::vector<span> spans;
    std::vector<std::uint64_t> entries(8192);
    const auto add = [&spans](foreign_address from, foreign_address to) {
        if (!spans.empty() && spans.back().end == from)
            spans.back().end = to;
        else
            spans.push_back({from, to});
    };
    for (foreign_address at = start; at < end;) {
        const std::size_t wanted = std::min<std::size_t>(entries.size(), (end - at + page - 1) / page);
        const ssize_t got = file < 0 ? -1
                                     : pread(file, entries.data(), wanted * sizeof entries[0],
                                             static_cast<off_t>(at / page * sizeof entries[0]));
        if (got <= 0) {
            add(at, end);
            break;
        }
        const std::size_t count = static_cast<std::size_t>(got) / sizeof entries[0];
        for (std::size_t i = 0; i < count; ++i)
            if ((entries[i] & (is_present | is_swapped)) != 0) add(at + i * page, std::min(at + (i + 1) * page, end));
        at += count * page;
    }
    if (file >= 0) close(file);
    return spans;
}

} // namespace krait::tools
