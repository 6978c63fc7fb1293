// What the process was started with. Nothing here allocates, makes a system call, or reads constants from memory: it
// runs at every start, and a page that is touched first costs more than all of this.
#pragma once

#include <cstddef>
#include <unistd.h>
#include <utility>

namespace krait::os {

// Calls `each` with every "NAME=value" of the environment.
template <class Each>
void for_each_variable(Each each) noexcept {
    if (environ == nullptr) return;
    for (char** variable = environ; *variable != nullptr; ++variable) each(static_cast<const char*>(*variable));
}

template <std::size_t Size>
[[gnu::always_inline]] inline bool begins_with(const char* text, const char (&beginning)[Size]) noexcept {
    return [&]<std::size_t... At>(std::index_sequence<At...>) __attribute__((always_inline)) {
        return ((text[At] == beginning[At]) && ...);
    }
    (std::make_index_sequence<Size - 1>{});
}

template <std::size_t Size>
[[gnu::always_inline]] inline bool contains(const char* text, const char (&part)[Size]) noexcept {
    for (; *text != '\0'; ++text) {
        if (begins_with(text, part)) return true;
    }
    return false;
}

// Takes every variable that begins so out of the environment: the programs that this one starts do not see it. At the
// process's start, before threads exist.
template <std::size_t Size>
void remove_variables(const char (&beginning)[Size]) noexcept {
    if (environ == nullptr) return;
    char** kept = environ;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (!begins_with(*variable, beginning)) *kept++ = *variable;
    }
    *kept = nullptr;
}

// Whether this variable says that Valgrind runs the program, as it does by the libraries that it preloads.
[[gnu::always_inline]] inline bool tells_of_valgrind(const char* variable) noexcept {
    return begins_with(variable, "LD_PRELOAD=") && contains(variable, "/vgpreload_");
}

// Whether this variable says how many arenas glibc's malloc may have.
[[gnu::always_inline]] inline bool chooses_arenas(const char* variable) noexcept {
    return begins_with(variable, "MALLOC_ARENA_MAX=") ||
           (begins_with(variable, "GLIBC_TUNABLES=") && contains(variable, "glibc.malloc.arena_max"));
}

// True in a set-user-ID program or one with file capabilities: its environment is not to be trusted.
bool is_privileged() noexcept;

} // namespace krait::os
