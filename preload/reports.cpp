// The malloc family's reports: the system allocator's numbers with krait's added, in the forms that glibc gives them.
//
// In mallinfo2, as in glibc's,
//   arena    = uordblks + fordblks
//   uordblks = the program's blocks: in pools, each as its class's size, and in the system allocator's heap
//   fordblks = all else of both: free blocks and pools, with pages or without, and the large blocks in threads' caches,
//              which the system allocator counts as in use
//   ordblks  = free blocks that a request could have, and free pools; the system allocator's free chunks
//   hblks, hblkhd (own mappings), smblks, fsmblks (fast bins), keepcost (top of the heap): the system allocator's alone
// mallinfo has the same in ints: a number that does not fit is INT_MAX. The system allocator's part is missing where
// that does not say what it has (os/allocator_figures.hpp).
#include "api/statistics.hpp"
#include "base/text.hpp"
#include "core/process.hpp"
#include "export.hpp"
#include "os/file.hpp"
#include "os/system_allocator.hpp"
#include "statistics/formats.hpp"
#include "statistics/stats_table.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <malloc.h>

namespace {

template <class Function>
Function* system_function(const char* name) {
    return reinterpret_cast<Function*>(krait::os::system_symbol(name));
}

struct mallinfo2 system_memory() {
    if (auto* const report = system_function<struct mallinfo2()>("mallinfo2")) return report();
    const krait::os::system_memory counted = krait::os::count_system_memory();
    struct mallinfo2 info {};
    info.uordblks = counted.in_use;
    info.fordblks = counted.free;
    info.arena = counted.in_use + counted.free;
    return info;
}

// Free blocks of pools, in caches or not, and free pools.
std::size_t count_free(const krait::heap_snapshot& heap) {
    std::size_t count = heap.totals.pools_free;
    for (const krait::class_row& each : heap.classes) count += each.available + each.cached;
    return count;
}

// What the system allocator reports, with pools and runs added as if they were part of its heap. Other threads may
// allocate between one count and the next: what is in use is never more than there is.
struct mallinfo2 all_memory() {
    const krait::heap_snapshot heap = krait::take_snapshot();
    const krait_stats& stats = heap.totals;
    struct mallinfo2 info = system_memory();
    const std::size_t held = stats.arenas_current * stats.arena_bytes;
    const std::size_t in_use = std::min<std::size_t>(held, stats.bytes_in_use);
    // Large caches hold blocks of runs or, where krait has none, the system allocator's.
    const bool has_runs = stats.large_resident + stats.large_in_use != 0;
    const std::size_t cached =
        std::min<std::size_t>(has_runs ? stats.large_in_use : info.uordblks, stats.bytes_large_cached);
    const std::size_t runs = std::max(stats.large_resident, stats.large_in_use);
    const std::size_t in_use_of_all = in_use + stats.large_in_use - cached;
    info.arena += held + runs;
    info.uordblks += in_use_of_all;
    info.fordblks += held + runs - in_use_of_all;
    info.ordblks += count_free(heap);
    return info;
}

int clamped(std::size_t number) { return number < INT_MAX ? static_cast<int>(number) : INT_MAX; }

} // namespace

extern "C" {

KRAIT_EXPORT int mallopt(int parameter, int value) {
    krait::process::open(); // which sets the number of arenas: the program's own comes after it
    auto* const system = system_function<int(int, int)>("mallopt");
    return system != nullptr ? system(parameter, value) : 0;
}

KRAIT_EXPORT int __libc_mallopt(int parameter, int value) KRAIT_SAME_AS("mallopt");

KRAIT_EXPORT struct mallinfo2 mallinfo2(void) { return all_memory(); }

KRAIT_EXPORT struct mallinfo mallinfo(void) {
    const auto wide = all_memory();
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
        krait::write_text(out, krait::take_snapshot());
        out << '\n';
    }
    if (auto* const system = system_function<void()>("malloc_stats")) system();
}

KRAIT_EXPORT int malloc_info(int options, FILE* stream) {
    if (options != 0) return EINVAL;
    const krait_stats stats = krait::take_snapshot().totals;
    const auto all = all_memory();
    std::fprintf(stream, "<malloc version=\"1\">\n<krait version=\"%llu\">\n",
                 static_cast<unsigned long long>(stats.version));
    for (const krait::stat_description& each : krait::stats_table) {
        const auto number = static_cast<unsigned long long>(each.number_in(stats));
        if (number != KRAIT_STATS_UNKNOWN) std::fprintf(stream, "<%s>%llu</%s>\n", each.name, number, each.name);
    }
    std::fprintf(stream,
                 "</krait>\n<system type=\"current\" size=\"%zu\"/>\n<system type=\"in_use\" size=\"%zu\"/>\n"
                 "<system type=\"mmap\" size=\"%zu\"/>\n</malloc>\n",
                 all.arena, all.uordblks, all.hblkhd);
    return 0;
}
}
