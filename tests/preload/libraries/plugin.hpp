// What the plug-in of the library hazards offers: the table that its symbol `plugin` names.
#pragma once

#include <cstddef>

namespace hazard {

struct plugin {
    void* (*allocate)(std::size_t size);
    void* (*resize)(void* p, std::size_t size);
    void (*release)(void* p);
    char* (*duplicate)(const char* text);
    int (*version)();      // by a name that the program may have too
    void (*use_threads)(); // threads with thread-local objects of the plug-in's
};

} // namespace hazard
