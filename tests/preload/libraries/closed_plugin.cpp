// A plug-in allocates and is closed: its blocks outlive it, its static and thread-local objects give theirs back, and
// opening it again and again does not let memory grow.
#include "../../support/hazard.hpp"
#include "plugin.hpp"
#include <cstring>
#include <dlfcn.h>

namespace {

void open_use_and_close() {
    void* handle = dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL);
    CHECK(handle);
    auto plugin = static_cast<const hazard::plugin*>(dlsym(handle, "plugin"));
    CHECK(plugin);
    // libc takes a plug-in's thread-local memory from malloc and relies on 16-byte alignment, which libkrait8 has not.
    if (hazard::block_alignment() >= 16) plugin->use_threads();
    char* text = plugin->duplicate("outlives its plug-in");
    void* block = plugin->allocate(300);
    hazard::fill(block, 300, 5);
    CHECK(dlclose(handle) == 0);
    CHECK(std::strcmp(text, "outlives its plug-in") == 0);
    CHECK(hazard::filled(block, 300, 5));
    std::free(text);
    std::free(std::realloc(block, 600));
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    for (int i = 0; i < 200; ++i) open_use_and_close();
    const std::size_t before = hazard::memory().resident_kib;
    for (int i = 0; i < 1500; ++i) open_use_and_close();
    CHECK(hazard::memory().resident_kib <= before + 1024);
}
