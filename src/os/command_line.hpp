// What the process and its threads are called. Nothing here allocates; errno is kept.
#pragma once

#include "os/thread.hpp"

#include <span>
#include <string_view>

namespace krait::os {

// The working directory; empty if it cannot be told. Cut to fit, ended by a zero.
void current_folder(std::span<char> path) noexcept;

// A thread's name, as ps shows it; empty if there is no such thread any more.
void thread_name(thread_id thread, std::span<char> name) noexcept;

using argument_visitor = void(void* context, std::string_view argument) noexcept;
// The command line's arguments, those of over 4,095 characters in parts.
void visit_arguments(argument_visitor* visitor, void* context) noexcept;

template <class Each>
void for_each_argument(Each each) noexcept {
    visit_arguments([](void* context, std::string_view argument) noexcept { (*static_cast<Each*>(context))(argument); },
                    &each);
}

} // namespace krait::os
