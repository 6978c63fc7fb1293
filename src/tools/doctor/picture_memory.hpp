// The memory of a picture: that of a stopped process, or of the copy that was forked of it. What cannot be read, as
// its pages are not there or are nobody's, reads as zeros: a picture is not given up for a hole.
#pragma once

#include "observe/foreign_process.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace krait::tools {

class picture_memory {
  public:
    // `of` is whose memory it is, where `process` is its copy.
    picture_memory(pid_t process, pid_t of) : process_(process), of_(of) {}

    pid_t process() const noexcept { return process_; }
    // Whose it is, where that is a copy's.
    pid_t of() const noexcept { return of_; }

    // Bytes that were there.
    std::size_t read(foreign_address from, void* to, std::size_t size) const noexcept;

    template <class T>
    T at(foreign_address from) const noexcept {
        T value{};
        read(from, &value, sizeof value);
        return value;
    }
    // The same through the page that was read last: for those who look at words here and there.
    std::uint64_t word(foreign_address from) const noexcept;
    // Up to its zero, or `most` bytes.
    std::string text(foreign_address from, std::size_t most) const;

    // Which pages of [start, end) have anything: neither untouched nor only the file's. All of them where the kernel
    // does not tell.
    struct span {
        foreign_address start, end;
    };
    // A copy has touched nothing yet that is shared.
    std::vector<span> present(foreign_address start, foreign_address end, bool is_shared = false) const;

  private:
    static constexpr std::size_t page_bytes = 4096;

    pid_t process_, of_;
    mutable foreign_address kept_ = ~foreign_address{0};
    mutable char kept_page_[page_bytes]{};
};

} // namespace krait::tools
