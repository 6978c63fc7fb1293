#include "base/findings.hpp"

namespace krait {

bool findings::begin_line(subject about) noexcept {
    if (++count_ > most_lines || out_ == nullptr) return false;
    *out_ << "krait: check: " << about.kind << ' ' << about.number << ": ";
    return true;
}

void findings::add(subject about, std::string_view what) noexcept {
    if (begin_line(about)) *out_ << what << '\n';
}

void findings::add_difference(subject about, std::string_view what, std::uint64_t found,
                              std::uint64_t expected) noexcept {
    if (begin_line(about)) *out_ << what << " is " << found << ", not " << expected << '\n';
}

} // namespace krait
