#include "trace/demangle.hpp"

#include <libiberty/demangle.h>

#include <cstdlib>
#include <memory>

namespace krait::tools {

std::string demangled(const char* name) {
    const std::unique_ptr<char, decltype(&std::free)> plain(cplus_demangle(name, DMGL_AUTO | DMGL_ANSI), &std::free);
    return plain != nullptr ? plain.get() : name;
}

} // namespace krait::tools
