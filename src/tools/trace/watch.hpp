// Shows the heaviest places of a traced process live, on a terminal as `krait top` shows its heap, elsewhere as lines
// from time to time.
#pragma once

#include <sys/types.h>

#include <cstdio>

namespace krait::tools {

struct watch_request {
    pid_t process = 0;
    bool is_awaited = false;  // it is being started: that it is not traced yet is no failure
    double interval = 1;      // seconds; more where a look takes long
    std::FILE* out = nullptr; // the screen, or the lines
};

// Until the process ends or the user quits. Throws failure where it cannot be watched at all.
void watch(const watch_request& request);

// Whether that is a screen: the output is a terminal, and there are keys to be had.
bool watches_on_screen(std::FILE* out);

} // namespace krait::tools
