// What FAULTS says: which calls fail, and how. One rule a word:
//
//   CALL:FIRST-LAST[/EVERY][=ERROR]     the FIRST-th to the LAST-th call of CALL (of these, every EVERY-th) fails with
//                                       errno ERROR
//     FIRST-       from the FIRST-th on             CALL:FIRST    that one alone
//     ERROR        its name; without it, what the call says when there is no more memory
//   huge           memory that krait maps is to be in huge pages, as where the system's setting is "always"
#pragma once

#include <cerrno>
#include <cstdint>
#include <string_view>

namespace faults {

// Calls that can be made to fail, by the name that krait's code refers to; and what they fail with.
#define FAULTS_CALLS(X)                                                                                                \
    X(mmap, ENOMEM)                                                                                                    \
    X(munmap, ENOMEM)                                                                                                  \
    X(mremap, ENOMEM)                                                                                                  \
    X(madvise, EINVAL)                                                                                                 \
    X(pthread_key_create, EAGAIN)                                                                                      \
    X(pthread_setspecific, ENOMEM)                                                                                     \
    X(pthread_create, EAGAIN)                                                                                          \
    X(register_atfork, ENOMEM)                                                                                         \
    X(sched_getaffinity, EINVAL)                                                                                       \
    X(sysinfo, EPERM)                                                                                                  \
    X(getrlimit, EPERM)                                                                                                \
    X(libc_malloc, ENOMEM)                                                                                             \
    X(libc_calloc, ENOMEM)                                                                                             \
    X(libc_realloc, ENOMEM)                                                                                            \
    X(libc_memalign, ENOMEM)

enum class call : unsigned {
#define FAULTS_CALL(name, error) name,
    FAULTS_CALLS(FAULTS_CALL)
#undef FAULTS_CALL
};

struct call_kind {
    std::string_view name;
    int error;
};
inline constexpr call_kind kinds[] = {
#define FAULTS_CALL(name, error) {#name, error},
    FAULTS_CALLS(FAULTS_CALL)
#undef FAULTS_CALL
};
inline constexpr unsigned call_count = sizeof kinds / sizeof *kinds;

struct rule {
    std::uint64_t first = UINT64_MAX; // numbers start at 1
    std::uint64_t last = 0;
    std::uint64_t every = 1;
    int error = 0;

    bool covers(std::uint64_t number) const {
        return number >= first && number <= last && (number - first) % every == 0;
    }
};

struct rules {
    rule of[call_count];
    bool huge = false;
};

namespace parsing {

inline bool take(std::string_view& text, char wanted) {
    if (text.empty() || text[0] != wanted) return false;
    text.remove_prefix(1);
    return true;
}

inline bool take_number(std::string_view& text, std::uint64_t& number) {
    std::size_t digits = 0;
    for (number = 0; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
        number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    text.remove_prefix(digits);
    return digits != 0;
}

inline bool error_of(std::string_view name, int& error) {
    struct named {
        std::string_view name;
        int error;
    };
    static constexpr named errors[] = {{"ENOMEM", ENOMEM}, {"EINVAL", EINVAL}, {"ENOSYS", ENOSYS},
                                       {"EPERM", EPERM},   {"EBADF", EBADF},   {"EAGAIN", EAGAIN}};
    for (const named& each : errors) {
        if (each.name == name) return error = each.error, true;
    }
    return false;
}

inline bool parse_rule(std::string_view word, rules& to) {
    if (word == "huge") return to.huge = true;
    const std::string_view name = word.substr(0, word.find(':'));
    for (unsigned i = 0; i < call_count; ++i) {
        if (kinds[i].name != name) continue;
        word.remove_prefix(name.size());
        rule& parsed = to.of[i];
        if (!take(word, ':') || !take_number(word, parsed.first) || parsed.first == 0) return false;
        parsed.last = parsed.first;
        parsed.error = kinds[i].error;
        if (take(word, '-') && !take_number(word, parsed.last)) parsed.last = UINT64_MAX;
        if (take(word, '/') && (!take_number(word, parsed.every) || parsed.every == 0)) return false;
        return take(word, '=') ? error_of(word, parsed.error) : word.empty();
    }
    return false;
}

} // namespace parsing

// False if a word is no rule.
inline bool parse(std::string_view text, rules& to) {
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (!word.empty() && !parsing::parse_rule(word, to)) return false;
        text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    }
    return true;
}

} // namespace faults
