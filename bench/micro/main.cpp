// The micro benchmarks: allocator-neutral, run under each allocator by LD_PRELOAD. See docs/performance.md.
#include "rows.hpp"

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    krait::bench::add_one_thread_rows();
    krait::bench::add_resize_rows();
    krait::bench::add_thread_rows();
    krait::bench::add_handoff_rows();
    krait::bench::add_false_sharing_rows();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
