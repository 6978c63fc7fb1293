#include "model/trace_options.hpp"

#include <bit>

namespace krait::model {

namespace {

std::string check_whole(const std::string& text) {
    const bool is_whole = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return is_whole ? "" : text + " is no whole number";
}

// A heap's address range holds a power of two of arenas.
std::string check_power_of_two(const std::string& text) {
    const bool is_power = check_whole(text).empty() && std::has_single_bit(std::strtoull(text.c_str(), nullptr, 10));
    return is_power ? "" : text + " is no power of two";
}

} // namespace

void add_trace_options(CLI::App& app, trace_options& into) {
    app.add_option("--seed", into.seed, "Number that the trace is made from")
        ->check(CLI::Validator(check_whole, ""))
        ->capture_default_str();
    app.add_option("--ops", into.ops, "Length of the trace; what is then left is released")
        ->check(CLI::Validator(check_whole, ""))
        ->capture_default_str();
    app.add_option("--arenas", into.arenas, "Have no more arenas than this at a time")
        ->check(CLI::Validator(check_power_of_two, "POWER OF TWO"));
    app.add_flag_callback(
        "--purge", [&] { into.pages = free_pages::given_back; },
        "Have krait give free pages back at once, and compare to the pool, not to the byte");
}

} // namespace krait::model
