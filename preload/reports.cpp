// The malloc family's reports: the system allocator's numbers with krait's added, in the forms that glibc gives them.
#include "api/statistics.hpp"
#include "base/text.hpp"
#include "core/process.hpp"
#include "krait/stats.h"
#include "os/file.hpp"
#include "os/system_allocator.hpp"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <malloc.h>

#define KRAIT_EXPORT __attribute__((visibility("default")))

namespace {

template <class Function>
Function* system_function(const char* name) {
    return reinterpret_cast<Function*>(krait::os::system_symbol(name));
}

/// What the system allocator reports, with pools added as if they were part of its heap.
struct mallinfo2 all_memory() {
    auto* const system = system_function<struct mallinfo2()>("mallinfo2");
    struct mallinfo2 info {};
    if (system != nullptr) info = system();
    krait_stats stats;
    krait::gather(stats);
    std::size_t const held = stats.arenas_current * stats.arena_bytes;
    info.arena += held;
    info.uordblks += stats.bytes_in_use;
    info.fordblks += held - stats.bytes_in_use;
    return info;
}

int clamped(std::size_t number) { return number < INT_MAX ? static_cast<int>(number) : INT_MAX; }

} // namespace

extern "C" {

KRAIT_EXPORT int mallopt(int parameter, int value) {
    auto* const system = system_function<int(int, int)>("mallopt");
    return system != nullptr ? system(parameter, value) : 0;
}

KRAIT_EXPORT struct mallinfo2 mallinfo2(void) { return all_memory(); }

KRAIT_EXPORT struct mallinfo mallinfo(void) {
    struct mallinfo2 const wide = all_memory();
    struct mallinfo info {};
    info.arena = clamped(wide.arena);
    info.ordblks = clamped(wide.ordblks);
    info.smblks = clamped(wide.smblks);
    info.hblks = clamped(wide.hblks);
    info.hblkhd = clamped(wide.hblkhd);
    info.usmblks = clamped(wide.usmblks);
    info.fsmblks = clamped(wide.fsmblks);
    info.uordblks = clamped(wide.uordblks);
    info.fordblks = clamped(wide.fordblks);
    info.keepcost = clamped(wide.keepcost);
    return info;
}

KRAIT_EXPORT void malloc_stats(void) {
    {
        auto err = krait::os::output_file::standard_error();
        krait::text out(krait::os::output_file::sink, &err);
        krait::write_text(out);
        out << '\n';
    }
    if (auto* const system = system_function<void()>("malloc_stats")) system();
}

KRAIT_EXPORT int malloc_info(int options, FILE* stream) {
    if (options != 0) return EINVAL;
    krait_stats stats;
    krait::gather(stats);
    struct mallinfo2 const all = all_memory();
    std::fprintf(stream, "<malloc version=\"1\">\n<krait version=\"%llu\">\n",
                 static_cast<unsigned long long>(stats.version));
#define KRAIT_WRITE_FIELD(name, help)                                                                                  \
    std::fprintf(stream, "<" #name ">%llu</" #name ">\n", static_cast<unsigned long long>(stats.name));
    KRAIT_STATS_FIELDS(KRAIT_WRITE_FIELD)
#undef KRAIT_WRITE_FIELD
    std::fprintf(stream,
                 "</krait>\n<system type=\"current\" size=\"%zu\"/>\n<system type=\"in_use\" size=\"%zu\"/>\n"
                 "<system type=\"mmap\" size=\"%zu\"/>\n</malloc>\n",
                 all.arena, all.uordblks, all.hblkhd);
    return 0;
}
}
