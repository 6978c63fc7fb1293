// The krait_* functions but for the family (preload/krait_family.cpp): one thin forward each. include/krait/krait.h
// documents them.
#include "krait/krait.h"

#include "api/statistics.hpp"
#include "api/trim.hpp"
#include "core/process.hpp"
#include "os/file.hpp"
#include "statistics/formats.hpp"

#include <cstring>

namespace process = krait::process;

extern "C" {

int krait_version(void) { return KRAIT_VERSION; }

int krait_malloc_trim(std::size_t pad) { return krait::trim(pad); }
std::size_t krait_collect(void) { return process::collect(); }

std::size_t krait_stats_get(krait_stats* stats, std::size_t size) {
    const krait_stats now = krait::take_snapshot().totals;
    std::memset(stats, 0, size);
    std::memcpy(stats, &now, size < sizeof now ? size : sizeof now);
    return sizeof now;
}

void krait_stats_print(int descriptor) {
    auto file = krait::os::output_file::borrow(descriptor);
    krait::text out(krait::os::output_file::sink, &file);
    krait::write_text(out, krait::take_snapshot());
}
}
