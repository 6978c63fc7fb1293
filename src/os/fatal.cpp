#include "base/check.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "os/system_call.hpp"

#include <cstdlib>

namespace krait {

void report(const char* what, const void* address, std::size_t class_size) noexcept {
    os::output_file err = os::output_file::standard_error();
    text line(os::output_file::sink, &err);
    line << "krait: " << what;
    if (address != nullptr) line << ": address ", line.hex(reinterpret_cast<std::uintptr_t>(address));
    if (class_size != 0) line << ", class " << std::uint64_t{class_size} << " bytes";
    line << ", thread " << static_cast<std::uint64_t>(os::system_call(SYS_gettid)) << '\n';
}

void fatal(const char* what, const void* address, std::size_t class_size) noexcept {
    report(what, address, class_size);
    std::abort();
}

} // namespace krait
