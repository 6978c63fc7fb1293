#include "api/options.hpp"

#include "api/option_table.hpp"
#include "base/text.hpp"
#include "core/process.hpp"
#include "os/environment.hpp"
#include "os/file.hpp"
#include "os/sanitizer.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <cstring>
#include <string_view>
#include <type_traits>

#ifdef KRAIT_HARDENED
#include "hard/hard.hpp"
#endif

namespace krait {

namespace {

constinit options in_force;

char lowered(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
char raised(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

bool names(std::string_view variable, std::string_view option) noexcept {
    if (variable.size() != option.size()) return false;
    for (std::size_t i = 0; i < option.size(); ++i) {
        if (variable[i] != raised(option[i])) return false;
    }
    return true;
}

// The number that the whole of `value` spells, with a binary suffix if allowed. False if it spells none or too large a
// one.
bool parse_number(std::string_view value, bool suffix_allowed, std::int64_t& number) noexcept {
    const bool negative = value.starts_with('-');
    std::int64_t result = 0;
    const std::size_t first = negative ? 1 : 0;
    std::size_t i = first;
    for (; i < value.size() && value[i] >= '0' && value[i] <= '9'; ++i) {
        if (__builtin_mul_overflow(result, std::int64_t{10}, &result)) return false;
        if (__builtin_add_overflow(result, value[i] - '0', &result)) return false;
    }
    if (i == first) return false;
    if (suffix_allowed && i + 1 == value.size()) {
        constexpr std::string_view suffixes = "kmgt";
        const std::size_t power = suffixes.find(lowered(value[i]));
        if (power == std::string_view::npos) return false;
        if (__builtin_mul_overflow(result, std::int64_t{1} << (10 * (power + 1)), &result)) return false;
        ++i;
    }
    number = negative ? -result : result;
    return i == value.size();
}

void complain(std::string_view variable, std::string_view value, const char* wrong) noexcept {
    os::output_file err = os::output_file::standard_error();
    text line(os::output_file::sink, &err);
    line << "krait: " << variable << (value.empty() ? "" : "=") << value << ": " << wrong << '\n';
}

void assign(const option_description& option, std::int64_t& field, std::string_view variable,
            std::string_view value) noexcept {
    std::int64_t number = 0;
    if (!parse_number(value, option.type == option_type::bytes, number) || number < option.min || number > option.max) {
        os::output_file err = os::output_file::standard_error();
        text line(os::output_file::sink, &err);
        line << "krait: " << variable << '=' << value << ": not a number from " << option.min << " to " << option.max
             << ", the default is used\n";
        return;
    }
    field = number;
}

// Texts are copied: programs that show a title in `ps` overwrite their environment.
class text_store {
  public:
    // The copy, or nullptr if there is no room left.
    const char* keep(std::string_view value) noexcept {
        if (value.size() + 1 > characters_.size() - used_) return nullptr;
        char* const copy = characters_.data() + used_;
        std::memcpy(copy, value.data(), value.size());
        used_ += value.size() + 1;
        return copy;
    }

  private:
    std::array<char, 8192> characters_{};
    std::size_t used_ = 0;
};

constinit text_store texts;

void assign(const option_description&, const char*& field, std::string_view variable, std::string_view value) noexcept {
    if (const char* const copy = texts.keep(value)) {
        field = copy;
    } else {
        complain(variable, {}, "too long, the default is used");
    }
}

// "neither A nor B", "neither A, nor B, nor C"
void write_none_of(text& out, std::string_view words) noexcept {
    const bool is_pair = word_of(words, 2).empty();
    out << "neither " << word_of(words, 0);
    for (std::size_t i = 1; !word_of(words, i).empty(); ++i) out << (is_pair ? " nor " : ", nor ") << word_of(words, i);
}

template <class Choice>
requires std::is_enum_v<Choice>
void assign(const option_description& option, Choice& field, std::string_view variable,
            std::string_view value) noexcept {
    for (std::size_t i = 0; !word_of(option.words, i).empty(); ++i) {
        if (word_of(option.words, i) != value) continue;
        field = static_cast<Choice>(i);
        return;
    }
    os::output_file err = os::output_file::standard_error();
    text line(os::output_file::sink, &err);
    write_none_of(line << "krait: " << variable << '=' << value << ": ", option.words);
    line << ", the default is used\n";
}

// Of a variable that begins with KRAIT_.
[[gnu::cold]] void read_option(const char* assignment) noexcept {
    constexpr std::string_view prefix = "KRAIT_";
    const std::string_view whole = assignment;
    const std::size_t equals = whole.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view variable(assignment, equals);
    const std::string_view name(assignment + prefix.size(), equals - prefix.size());
    const std::string_view value(assignment + equals + 1);
    std::size_t index = 0;
#define KRAIT_OPTION(option, type, default_value, min, max, help)                                                      \
    if (names(name, #option)) return assign(option_table[index], in_force.option, variable, value);                    \
    ++index;
#define KRAIT_CHOICE(option, words, help) KRAIT_OPTION(option, , , , , )
#include "api/options.def"
#undef KRAIT_CHOICE
#undef KRAIT_OPTION
    complain(variable, {}, "no such option (KRAIT_HELP=1 lists them)");
}

// KRAIT_LIMIT, a number or a word. False if it is neither.
bool parse_limit(std::string_view value, limit_settings& limit) noexcept {
    if (value.empty() || value == "0" || value == "max" || value == "unlimited") return true;
    limit.follows_group = value == "cgroup";
    if (limit.follows_group) return true;
    std::int64_t bytes = 0;
    if (!parse_number(value, true, bytes) || bytes < 0) return false;
    limit.bytes = static_cast<std::size_t>(bytes);
    return true;
}

// What a range or a list of words cannot say.
void check_further() noexcept {
    if (limit_settings unused; !parse_limit(in_force.limit, unused)) {
        complain("KRAIT_LIMIT", in_force.limit,
                 "neither a number of bytes, nor cgroup, nor unlimited, the default is used");
        in_force.limit = "";
    }
    if (in_force.pool_reserve % 16 != 0) {
        complain("KRAIT_POOL_RESERVE", {}, "not a multiple of 16, the default is used");
        in_force.pool_reserve = 0;
    }
}

// What the environment says, in one walk. The walk is part of every start, and this lies in a page that the loader
// wrote to.
struct surroundings {
    bool are_read = false;
    bool give_options = false;
    bool tell_of_valgrind = false;
    bool choose_arenas = false;
};
[[gnu::section(".data")]] constinit surroundings seen;

[[KRAIT_AT_START]] void look_around() noexcept {
    seen.are_read = true;
    os::for_each_variable([](const char* variable) {
        if (os::begins_with(variable, "KRAIT_")) {
            if (os::is_privileged()) return;
            seen.give_options = true;
            read_option(variable);
        }
        if (os::tells_of_valgrind(variable)) seen.tell_of_valgrind = true;
        if (os::chooses_arenas(variable)) seen.choose_arenas = true;
    });
    if (seen.give_options) check_further();
}

// How many arenas glibc's malloc is to have for what krait leaves to it, large blocks: its own number was chosen for
// small ones. 0 = its own rule, also where it is not krait's to choose: another allocator serves, or krait does not
// stand in front of glibc's.
int system_arenas(const options& chosen, os::system_choice system) noexcept {
#ifdef KRAIT_OVERRIDES_MALLOC
    if (system == os::system_choice::next) return 0; // a sanitizer's libc is not ready to be asked for processors
    if (chosen.large_arenas >= 0) return static_cast<int>(chosen.large_arenas);
    return seen.choose_arenas ? 0 : os::processors();
#else
    static_cast<void>(chosen);
    static_cast<void>(system);
    return 0;
#endif
}

} // namespace

[[KRAIT_AT_START]] const options& current_options() noexcept {
    if (!seen.are_read) look_around();
    return in_force;
}

[[KRAIT_AT_START]] bool any_option_given() noexcept { return seen.give_options; }

process::settings process::read_settings() noexcept {
    const options& chosen = current_options();
#ifdef KRAIT_YIELDS
    os::seed_yields(static_cast<std::uint64_t>(chosen.yield_seed));
#endif
    const auto size = [](std::int64_t number) { return static_cast<std::size_t>(number); };
    // Without caches krait is pymalloc, block for block, and purging a pool would forget its free list.
    const bool as_pymalloc = chosen.tcache == 0 && chosen.decay == options{}.decay;
    const reserve_settings keep{size(chosen.retain), static_cast<unsigned>(chosen.retain_percent),
                                as_pymalloc ? -1 : chosen.decay};
    limit_settings limit;
    static_cast<void>(parse_limit(chosen.limit, limit));
    limit.is_hard = chosen.limit_hard != 0;
    // Under Valgrind the next malloc is libc's, which memcheck has replaced with its own: by its exported name only.
    // A sanitizer's malloc is the next one too, or the program's own.
    const bool aside =
        (seen.tell_of_valgrind && chosen.valgrind == valgrind_choice::aside) || os::sanitizer_name() != nullptr;
    // The next allocator has caches of its own, or is an instrument that must see every call.
    const os::system_choice system = aside || chosen.large == large_choice::next ? os::system_choice::next
                                     : chosen.large == large_choice::libc        ? os::system_choice::libc
                                                                                 : os::system_choice::automatic;
    settings core{.serves = !aside,
                  .address_space = size(chosen.address_space),
                  .pool_reserve = size(chosen.pool_reserve),
                  .keep = keep,
                  .limit = limit,
                  .huge_pages = chosen.huge_pages != 0,
                  .batch_bytes = aside ? 0 : size(chosen.tcache),
                  .large_bytes = system == os::system_choice::next ? 0 : size(chosen.large_cache),
                  .trim = {.is_on = chosen.trim != 0 && keep.window_ms >= 0,
                           .longest_pause_us = static_cast<std::uint32_t>(chosen.trim_pause * 1000),
                           .window_ms = keep.window_ms},
                  .heap_end = size(chosen.large_keep),
                  .system = system,
                  .owns_large = chosen.large == large_choice::own,
                  .system_arenas = system_arenas(chosen, system),
                  .misuse = chosen.misuse,
                  .stand_in = nullptr};
#ifdef KRAIT_HARDENED
    hard::open({.quarantine = size(chosen.hard_quarantine),
                .addresses = size(chosen.hard_addresses),
                .most_in_runs = size(chosen.hard_mapped),
                .most_guards = size(chosen.hard_guards),
                .has_strangers = chosen.deepbind != 0},
               core);
#endif
    return core;
}

} // namespace krait
