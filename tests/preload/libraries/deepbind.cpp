// A library opened with RTLD_DEEPBIND finds malloc and free in its own dependencies first, so in libc. Blocks that it
// allocates are freed and resized by the program, and (with "takes") it frees and resizes the program's. It keeps its own names.
#include "../../support/hazard.hpp"
#include "plugin.hpp"
#include <cstring>
#include <dlfcn.h>
#include <malloc.h>

extern "C" [[gnu::visibility("default")]] int hazard_version() { return 1; } // the plug-in has its own

namespace {

const hazard::plugin& open_plugin(void** handle) {
    *handle = dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    CHECK(*handle);
    auto plugin = static_cast<const hazard::plugin*>(dlsym(*handle, "plugin"));
    CHECK(plugin && plugin->version() == 2);
    return *plugin;
}

void library_to_program(const hazard::plugin& plugin, std::size_t size) {
    char* text = plugin.duplicate("from the library");
    CHECK(std::strcmp(text, "from the library") == 0);
    std::free(text);
    void* p = plugin.allocate(size);
    CHECK(p && malloc_usable_size(p) >= size);
    hazard::fill(p, size, size);
    p = std::realloc(p, size * 2 + 1);
    CHECK(p && hazard::filled(p, size, size));
    std::free(p);
}

void program_to_library(const hazard::plugin& plugin, std::size_t size) {
    plugin.release(strdup("from the program"));
    void* p = std::malloc(size);
    hazard::fill(p, size, size);
    p = plugin.resize(p, size * 2 + 1);
    CHECK(p && hazard::filled(p, size, size));
    plugin.release(p);
}

} // namespace

int main(int argc, char** argv) {
    const bool takes = argc > 1 && std::strcmp(argv[1], "takes") == 0;
    for (int round = 0; round < 20; ++round) {
        void* handle;
        const hazard::plugin& plugin = open_plugin(&handle);
        for (std::size_t size : {0u, 1u, 16u, 100u, 512u, 513u, 5000u, 200000u, 1000000u})
            takes ? program_to_library(plugin, size) : library_to_program(plugin, size);
        CHECK(dlclose(handle) == 0);
    }
}
