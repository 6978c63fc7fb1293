#include "plugin.hpp"
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<std::string> made_at_load(100, std::string(50, 'p')); // freed by dlclose

void use_threads() {
    std::thread([] {
        thread_local std::vector<std::string> local;
        local.assign(20, std::string(30, 't'));
    }).join();
}

} // namespace

extern "C" [[gnu::visibility("default")]] int hazard_version() { return 2; }

// libc's strdup takes its block from the process's malloc, whichever the plug-in finds.
[[gnu::constructor]] void copy_at_load() { std::free(strdup("while the plug-in is opened")); }

extern "C" [[gnu::visibility("default")]] const hazard::plugin plugin;
const hazard::plugin plugin{[](std::size_t size) { return std::malloc(size); },
                            [](void* p, std::size_t size) { return std::realloc(p, size); },
                            [](void* p) { std::free(p); },
                            [](const char* text) { return strdup(text); },
                            [] { return hazard_version(); },
                            use_threads};
