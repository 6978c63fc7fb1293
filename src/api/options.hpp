// The options in force: one field for each line of options.def.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait {

enum class option_type : std::uint8_t { flag, integer, bytes, text };

struct option_description {
    const char* name; // the variable is KRAIT_ and this in capitals
    option_type type;
    const char* default_text;
    std::int64_t min;
    std::int64_t max;
    const char* help;
};

namespace option_field {
using flag = std::int64_t;
using integer = std::int64_t;
using bytes = std::int64_t;
using text = const char*; // lives as long as the process
} // namespace option_field

struct options {
#define KRAIT_OPTION(name, type, default_value, min, max, help) option_field::type name = default_value;
#include "api/options.def"
#undef KRAIT_OPTION
};

// The table, in the order of options.def.
extern const option_description option_table[];
extern const std::size_t option_count;

// The options in force. Read from the environment by the first call, which happens before threads exist.
const options& current_options() noexcept;

// Whether the environment names one of them, or another that begins with KRAIT_.
bool any_option_given() noexcept;

} // namespace krait
