#include "library.hpp"

#include "failure.hpp"

#include <array>

namespace krait::tools {

namespace fs = std::filesystem;

fs::path find_library_beside(const fs::path& command_folder, std::string_view stem) {
    const std::array folders{command_folder, command_folder / "../lib", command_folder / "../lib" / KRAIT_MULTIARCH};
    for (const fs::path& folder : folders)
        for (const char* ending : {".so.0", ".so"}) { // as packages install it; as somebody may have copied it
            const std::string name = fmt::format("{}{}", stem, ending);
            std::error_code none;
            // The name stays as programs' loaders know it: it may be a link to that of a version.
            if (fs::is_regular_file(folder / name, none)) return fs::canonical(folder) / name;
        }
    return {};
}

fs::path find_own_library(std::string_view stem) {
    const fs::path command = fs::read_symlink("/proc/self/exe");
    if (fs::path found = find_library_beside(command.parent_path(), stem); !found.empty()) return found;
    fail("{}.so is neither beside {} nor in ../lib: build it with `cmake --build --preset release`, or reinstall krait",
         stem, command.string());
}

std::string preload_value(const fs::path& library, const char* already) {
    std::string value = library.string();
    if (value.find_first_of(": \t\n") != std::string::npos)
        fail("LD_PRELOAD cannot name {}, because of the blank or colon in its path: move it", value);
    if (already != nullptr && *already != '\0') value.append(":").append(already);
    return value;
}

} // namespace krait::tools
