#pragma once

#include <string>

// Amounts for people.
namespace krait::tools {

std::string bytes_text(double bytes);     // "1.5 MiB", of 1024
std::string count_text(double count);     // "1,234,567"
std::string seconds_text(double seconds); // "12.3 s", "4 min 5 s"
std::string share_text(double part, double whole);
std::string signed_bytes_text(double bytes); // with + or -
std::string signed_count_text(double count);

} // namespace krait::tools
