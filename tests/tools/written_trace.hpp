// The beginning that traces of tests share: main ─► eval ─► work.py:7 ─► its list, of an interpreter with two threads.
#pragma once

#include "trace/trace_writer.hpp"

#include <cstdint>

inline void begin_trace(krait::tools::trace_writer& to, bool is_snapshot, std::uint64_t stamp) {
    namespace trace = krait::trace;
    krait::tools::trace_start start{};
    start.numbers.magic = trace::file_magic;
    start.numbers.version = trace::file_version;
    start.numbers.pid = 77;
    start.numbers.stamp = stamp;
    start.numbers.arguments = 2;
    start.numbers.is_snapshot = is_snapshot ? 1 : 0;
    start.program = "/nowhere/python3.11";
    start.command_line = {"python3", "work.py"};
    to.start(start);
    to.modules({{0, 0x1000, 0x2000, {{0x1000, 0x2000, 0, 5}}, "aabb", "/nowhere/python3.11", true},
                {0, 0x3000, 0x4000, {{0x3000, 0x4000, 0, 5}}, "", "/nowhere/libc.so.6", false}});
    to.code(1, "/src/work.py", "Worker.work", 5);
    to.thread(0, 100, "main", 0);
    to.thread(1, 101, "other", 0);
    to.node(1, 0, 0x1100);
    to.node(2, 1, trace::code_flag | std::uint64_t{1} << 32 | 7);
    to.node(3, 2, 0x1200);
}
