#include "os/self.hpp"

#include "os/errno_kept.hpp"
#include "os/uncancelled.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace krait::os {

namespace {

/// The start of a file of /proc, as words.
class proc_words {
  public:
    explicit proc_words(const char* path) noexcept {
        errno_kept const keep;
        uncancelled const whole;
        int const descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return;
        ssize_t const length = ::read(descriptor, characters_.data(), characters_.size());
        ::close(descriptor);
        if (length > 0) rest_ = {characters_.data(), static_cast<std::size_t>(length)};
    }

    void skip_past_last(char c) noexcept { rest_.remove_prefix(rest_.rfind(c) + 1); }

    std::string_view next() noexcept {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
        std::string_view const word = rest_.substr(0, rest_.find_first_of(" \n"));
        rest_.remove_prefix(word.size());
        return word;
    }

  private:
    std::array<char, 512> characters_;
    std::string_view rest_;
};

} // namespace

std::uint64_t resident_bytes() noexcept {
    proc_words words("/proc/thread-self/statm"); // the first thread's has nothing once that thread left
    words.next();
    std::uint64_t pages = 0;
    for (char const digit : words.next()) pages = pages * 10 + static_cast<std::uint64_t>(digit - '0');
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool is_last_thread() noexcept {
    proc_words words("/proc/self/stat");
    words.skip_past_last(')'); // of the program's name, which may be anything
    if (words.next() != "Z") return false;
    constexpr int state_field = 3;
    constexpr int num_threads_field = 20;
    for (int field = state_field + 1; field < num_threads_field; ++field) words.next();
    return words.next() == "2"; // the first thread is counted as long as there are others
}

} // namespace krait::os
