// The options in force: one field for each line of options.def.
#pragma once

#include "core/damage.hpp"

#include <cstdint>

namespace krait {

enum class large_choice : std::uint8_t { automatic, libc, next, own };
enum class valgrind_choice : std::uint8_t { aside, native };
using misuse_choice = process::misuse_policy;
enum class trace_unwind_choice : std::uint8_t { tables, pointers };

namespace option_field {
using flag = std::int64_t;
using integer = std::int64_t;
using bytes = std::int64_t;
using text = const char*; // lives as long as the process
} // namespace option_field

struct options {
#define KRAIT_OPTION(name, type, default_value, min, max, help) option_field::type name = default_value;
#define KRAIT_CHOICE(name, words, help) name##_choice name{};
#include "api/options.def"
#undef KRAIT_CHOICE
#undef KRAIT_OPTION
};

// The options in force. Read from the environment by the first call, which happens before threads exist.
const options& current_options() noexcept;

// Whether the environment names one of them, or another that begins with KRAIT_.
bool any_option_given() noexcept;

} // namespace krait
