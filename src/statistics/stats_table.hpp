// The numbers of krait_stats as data: text, JSON, metrics and documents are made from this table, none has a list of
// its own.
#pragma once

#include "krait/stats.h"

#include <cstddef>
#include <cstdint>

namespace krait {

enum class stat_id : std::uint8_t {
#define KRAIT_STAT_ID(name, kind, label, help) name,
    KRAIT_STATS_FIELDS(KRAIT_STAT_ID)
#undef KRAIT_STAT_ID
};

enum class stat_kind : std::uint8_t {
    gauge,   // goes up and down
    counter, // only grows
};

// Characters instead of views, and a place instead of a pointer to member, which the compiler takes for something to
// be relocated: no page of the table is written to when the library is loaded.
struct stat_description {
    char name[24]; // in krait_stats and JSON; in metrics behind "krait_"
    stat_kind kind;
    char label[40]; // of its line in the text; "" = it has none
    char help[160];
    std::size_t place; // in krait_stats

    std::uint64_t number_in(const krait_stats& stats) const noexcept {
        return *reinterpret_cast<const std::uint64_t*>(reinterpret_cast<const char*>(&stats) + place);
    }
};

inline constexpr stat_description stats_table[]{
#define KRAIT_STAT(name, kind, label, help)                                                                            \
    stat_description{#name, stat_kind::kind, label, help, offsetof(krait_stats, name)},
    KRAIT_STATS_FIELDS(KRAIT_STAT)
#undef KRAIT_STAT
};

constexpr const stat_description& description_of(stat_id id) noexcept {
    return stats_table[static_cast<std::size_t>(id)];
}

} // namespace krait
