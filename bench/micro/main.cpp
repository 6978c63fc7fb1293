// The micro benchmarks: allocator-neutral, run under each allocator by LD_PRELOAD. See docs/performance.md.
#include "rows.hpp"

#include <cstring>

int main(int argc, char** argv) {
    // Instead of the rows that scripts/bench runs.
    const bool is_scaling = argc > 1 && std::strcmp(argv[1], "--scaling") == 0;
    if (is_scaling) {
        argv[1] = argv[0];
        ++argv;
        --argc;
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    if (is_scaling) {
        krait::bench::add_scaling_rows_of_threads();
        krait::bench::add_scaling_rows_of_handoff();
    } else {
        krait::bench::add_one_thread_rows();
        krait::bench::add_resize_rows();
        krait::bench::add_thread_rows();
        krait::bench::add_handoff_rows();
        krait::bench::add_false_sharing_rows();
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
