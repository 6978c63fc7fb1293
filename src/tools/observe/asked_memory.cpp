#include "observe/asked_memory.hpp"

#include "observe/foreign_memory.hpp"

#include <cstdio>

namespace krait::tools {

namespace {

void ask(foreign_address from, void* to, std::size_t size) {
    fmt::print("read {:x} {:x}\n", from, size);
    std::fflush(stdout);
    const int answer = std::getchar();
    if (answer == 'n') throw bad_address(status_failed, fmt::format("nothing is mapped at {:#x}", from));
    if (answer != 'y' || std::fread(to, 1, size, stdin) != size) fail("the debugger went away");
}

} // namespace

heap_picture read_asked_heap(foreign_address block) {
    foreign_memory memory(ask);
    const krait_stats_layout layout = read_layout(memory, block);
    if (layout.magic == 0) fail("krait has not served a request so far");
    if (!is_of_this_version(layout))
        fail("this is a krait of another version: use the krait command that came with it");
    heap_picture picture = read_heap(memory, layout);
    fmt::print("done\n");
    return picture;
}

} // namespace krait::tools
