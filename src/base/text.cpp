#include "base/text.hpp"

#include <cstring>

namespace krait {

namespace {

// Digits of a number, written from the back; with a comma between groups of three if asked for.
struct digits {
    std::array<char, 32> characters;
    std::size_t start = 32;

    digits(std::uint64_t number, unsigned radix, bool grouped) noexcept {
        unsigned written = 0;
        do {
            if (grouped && written != 0 && written % 3 == 0) characters[--start] = ',';
            characters[--start] = "0123456789abcdef"[number % radix];
            number /= radix;
            ++written;
        } while (number != 0);
    }

    std::string_view view() const noexcept { return {characters.data() + start, characters.size() - start}; }
};

void pad(text& out, std::size_t used, unsigned width) noexcept {
    for (; used < width; ++used) out << ' ';
}

} // namespace

text& text::operator<<(std::string_view part) noexcept {
    while (!part.empty()) {
        const std::size_t room = buffer_.size() - length_;
        const std::size_t now = part.size() < room ? part.size() : room;
        std::memcpy(buffer_.data() + length_, part.data(), now);
        length_ += now;
        part.remove_prefix(now);
        if (length_ == buffer_.size()) flush();
    }
    return *this;
}

text& text::operator<<(std::uint64_t number) noexcept { return *this << digits(number, 10, false).view(); }

text& text::operator<<(std::int64_t number) noexcept {
    if (number >= 0) return *this << static_cast<std::uint64_t>(number);
    return *this << '-' << -static_cast<std::uint64_t>(number);
}

text& text::hex(std::uintptr_t number) noexcept { return *this << "0x" << digits(number, 16, false).view(); }

text& text::grouped(std::uint64_t number, unsigned width) noexcept {
    const digits d(number, 10, true);
    pad(*this, d.view().size(), width);
    return *this << d.view();
}

text& text::aligned(std::uint64_t number, unsigned width) noexcept {
    const digits d(number, 10, false);
    pad(*this, d.view().size(), width);
    return *this << d.view();
}

void text::flush() noexcept {
    if (length_ != 0) to_(context_, {buffer_.data(), length_});
    length_ = 0;
}

} // namespace krait
