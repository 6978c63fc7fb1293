// The functions of krait/trace.h, one thin forward each.
#include "export.hpp"
#include "trace/tracing.hpp"

#include <cerrno>

namespace trace = krait::trace;

extern "C" {

KRAIT_EXPORT int krait_trace_start_(std::size_t frames) { return trace::start_tracing(frames); }
KRAIT_EXPORT int krait_trace_stop_(void) { return trace::stop_tracing(), 0; }
KRAIT_EXPORT int krait_trace_is_tracing_(void) { return trace::is_tracing() ? 1 : 0; }
KRAIT_EXPORT int krait_trace_clear_(void) { return trace::clear_traces(), 0; }
KRAIT_EXPORT std::size_t krait_trace_get_traced_memory_(std::size_t* peak) { return trace::traced_memory(peak); }
KRAIT_EXPORT int krait_trace_reset_peak_(void) { return trace::reset_traced_peak(), 0; }
KRAIT_EXPORT std::size_t krait_trace_get_tracer_memory_(void) { return trace::tracer_memory(); }
KRAIT_EXPORT std::size_t krait_trace_get_object_traceback_(const void* block, std::uintptr_t* places,
                                                           std::size_t most) {
    return trace::traceback_of(block, places, most);
}
KRAIT_EXPORT krait_snapshot* krait_trace_take_snapshot_(void) { return trace::take_snapshot_of_traces(); }
KRAIT_EXPORT int krait_snapshot_free_(krait_snapshot* snapshot) {
    if (snapshot != nullptr) trace::free_snapshot(snapshot);
    return 0;
}
KRAIT_EXPORT std::size_t krait_snapshot_rows_(const krait_snapshot* snapshot, const krait_trace_row** rows) {
    *rows = snapshot->rows;
    return snapshot->count;
}
KRAIT_EXPORT std::size_t krait_snapshot_statistics_(const krait_snapshot* snapshot, krait_trace_key key, int cumulative,
                                                    krait_trace_statistic* statistics, std::size_t most) {
    return trace::statistics_of(*snapshot, nullptr, key, cumulative != 0, statistics, most);
}
KRAIT_EXPORT std::size_t krait_snapshot_compare_(const krait_snapshot* newer, const krait_snapshot* older,
                                                 krait_trace_key key, int cumulative, krait_trace_statistic* statistics,
                                                 std::size_t most) {
    return trace::statistics_of(*newer, older, key, cumulative != 0, statistics, most);
}
KRAIT_EXPORT krait_snapshot* krait_snapshot_filter_(const krait_snapshot* snapshot, const krait_trace_filter* filters,
                                                    std::size_t count) {
    return trace::filtered(*snapshot, filters, count);
}
KRAIT_EXPORT int krait_snapshot_dump_(const krait_snapshot* snapshot, const char* file) {
    return trace::dump(*snapshot, file);
}
KRAIT_EXPORT krait_snapshot* krait_snapshot_load_(const char* file) { return trace::load(file); }
}
