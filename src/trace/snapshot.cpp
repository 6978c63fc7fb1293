#include "trace/snapshot.hpp"

#include "os/code_object.hpp"
#include "os/memory.hpp"
#include "trace/mapped_array.hpp"

#include <algorithm>
#include <cstring>

namespace krait::trace {

namespace {

bool is_before(const live_block& a, const live_block& b) noexcept {
    if (a.stack != b.stack) return a.stack < b.stack;
    if (a.thread != b.thread) return a.thread < b.thread;
    return a.size < b.size;
}

bool is_of_one_row(const live_block& a, const live_block& b) noexcept { return !is_before(a, b) && !is_before(b, a); }

std::uint64_t bytes_of(const krait_trace_row& row) noexcept { return row.size * row.count; }

krait_snapshot* map_snapshot(std::size_t rows, std::size_t places) noexcept {
    const std::size_t bytes =
        os::page_ceiling(sizeof(krait_snapshot) + rows * sizeof(krait_trace_row) + places * sizeof(std::uintptr_t));
    auto* const snapshot = static_cast<krait_snapshot*>(os::map_anywhere(bytes));
    if (snapshot == nullptr) return nullptr;
    snapshot->bytes = bytes;
    snapshot->count = rows;
    snapshot->rows = reinterpret_cast<krait_trace_row*>(snapshot + 1);
    return snapshot;
}

std::uint32_t depth_of(std::uint32_t node, const stack_tree& stacks) noexcept {
    std::uint32_t depth = 0;
    for (; node != 0; node = stacks.at(node).parent) ++depth;
    return depth;
}

} // namespace

krait_snapshot* make_snapshot(live_block* blocks, std::size_t count, const stack_tree& stacks) noexcept {
    std::sort(blocks, blocks + count, is_before);
    std::size_t rows = 0, places = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || blocks[i].stack != blocks[i - 1].stack) places += depth_of(blocks[i].stack, stacks);
        if (i == 0 || !is_of_one_row(blocks[i], blocks[i - 1])) ++rows;
    }
    krait_snapshot* const snapshot = map_snapshot(rows, places);
    if (snapshot == nullptr) return nullptr;
    krait_trace_row* row = snapshot->rows - 1;
    auto* place = reinterpret_cast<std::uintptr_t*>(snapshot->rows + rows);
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_new_stack = i == 0 || blocks[i].stack != blocks[i - 1].stack;
        if (i != 0 && is_of_one_row(blocks[i], blocks[i - 1])) {
            ++row->count;
            continue;
        }
        const krait_trace_row before = i != 0 ? *row : krait_trace_row{};
        *++row = {blocks[i].size, 1, blocks[i].thread, before.frames, before.places};
        if (!is_new_stack) continue;
        row->places = place;
        for (std::uint32_t node = blocks[i].stack; node != 0; node = stacks.at(node).parent)
            *place++ = stacks.at(node).pc;
        row->frames = static_cast<std::uint32_t>(place - row->places);
    }
    std::sort(snapshot->rows, snapshot->rows + rows,
              [](const krait_trace_row& a, const krait_trace_row& b) { return bytes_of(a) > bytes_of(b); });
    return snapshot;
}

void free_snapshot(krait_snapshot* snapshot) noexcept { os::unmap(snapshot, snapshot->bytes); }

namespace {

bool matches(const krait_trace_row& row, const krait_trace_filter& filter) noexcept {
    if (filter.thread >= 0 && filter.thread != static_cast<std::int64_t>(row.thread)) return false;
    if ((filter.least != 0 || filter.most != 0) && (row.size < filter.least || row.size > filter.most)) return false;
    if (filter.begin == 0 && filter.end == 0) return true;
    const std::uint32_t looked_at = filter.any_frame != 0 ? row.frames : std::min(row.frames, 1U);
    return std::any_of(row.places, row.places + looked_at,
                       [&](std::uintptr_t place) { return place - filter.begin < filter.end - filter.begin; });
}

bool passes(const krait_trace_row& row, const krait_trace_filter* filters, std::size_t count) noexcept {
    bool has_inclusive = false, is_included = false;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_match = matches(row, filters[i]);
        if (filters[i].is_inclusive == 0 && is_match) return false;
        has_inclusive = has_inclusive || filters[i].is_inclusive != 0;
        is_included = is_included || (filters[i].is_inclusive != 0 && is_match);
    }
    return is_included || !has_inclusive;
}

} // namespace

krait_snapshot* filtered(const krait_snapshot& of, const krait_trace_filter* filters, std::size_t count) noexcept {
    std::size_t rows = 0, places = 0;
    for (std::size_t i = 0; i < of.count; ++i) {
        if (!passes(of.rows[i], filters, count)) continue;
        ++rows;
        places += of.rows[i].frames;
    }
    krait_snapshot* const snapshot = map_snapshot(rows, places);
    if (snapshot == nullptr) return nullptr;
    krait_trace_row* row = snapshot->rows;
    auto* place = reinterpret_cast<std::uintptr_t*>(snapshot->rows + rows);
    for (std::size_t i = 0; i < of.count; ++i) {
        if (!passes(of.rows[i], filters, count)) continue;
        *row = of.rows[i];
        if (row->frames != 0) std::memcpy(place, row->places, row->frames * sizeof *place);
        row++->places = place;
        place += of.rows[i].frames;
    }
    return snapshot;
}

namespace {

std::uint64_t key_at(const krait_trace_row& row, std::uint32_t frame, krait_trace_key key) noexcept {
    if (key == KRAIT_TRACE_BY_THREAD) return row.thread;
    if (key == KRAIT_TRACE_BY_TRACEBACK) {
        std::uint64_t mixed = row.frames;
        for (std::uint32_t i = 0; i < row.frames; ++i) {
            mixed = (mixed ^ row.places[i]) * 0x9e3779b97f4a7c15;
            mixed ^= mixed >> 29;
        }
        return mixed;
    }
    if (frame >= row.frames) return 0;
    return key == KRAIT_TRACE_BY_PLACE ? row.places[frame] : os::code_object_at(row.places[frame] - 1).begin;
}

// How many keys a row has.
std::uint32_t keys_of(const krait_trace_row& row, krait_trace_key key, bool is_cumulative) noexcept {
    const bool is_of_place = key == KRAIT_TRACE_BY_PLACE || key == KRAIT_TRACE_BY_OBJECT;
    return is_of_place && is_cumulative ? std::max(row.frames, 1U) : 1;
}

// Adds a snapshot's rows to what there is, its numbers times `sign` to the differences.
bool gather(const krait_snapshot& of, krait_trace_key key, bool is_cumulative, bool is_older,
            mapped_array<krait_trace_statistic>& all) noexcept {
    for (std::size_t i = 0; i < of.count; ++i) {
        const krait_trace_row& row = of.rows[i];
        const std::uint32_t keys = keys_of(row, key, is_cumulative);
        for (std::uint32_t frame = 0; frame < keys; ++frame) {
            const std::uint64_t name = key_at(row, frame, key);
            bool was_counted = false; // recursion: each key once a row
            for (std::uint32_t k = 0; k < frame && !was_counted; ++k) was_counted = key_at(row, k, key) == name;
            if (was_counted) continue;
            const auto size = static_cast<std::int64_t>(bytes_of(row));
            const auto count = static_cast<std::int64_t>(row.count);
            krait_trace_statistic one{name, bytes_of(row), row.count, size, count, &row};
            if (is_older) one = {name, 0, 0, -size, -count, &row};
            if (!all.push(one)) return false;
        }
    }
    return true;
}

std::size_t most_keys(const krait_snapshot& of, krait_trace_key key, bool is_cumulative) noexcept {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < of.count; ++i) sum += keys_of(of.rows[i], key, is_cumulative);
    return sum;
}

std::uint64_t magnitude(std::int64_t number) noexcept {
    return number < 0 ? -static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
}

} // namespace

std::size_t statistics_of(const krait_snapshot& newer, const krait_snapshot* older, krait_trace_key key,
                          bool is_cumulative, krait_trace_statistic* statistics, std::size_t most) noexcept {
    const std::size_t capacity =
        most_keys(newer, key, is_cumulative) + (older != nullptr ? most_keys(*older, key, is_cumulative) : 0);
    mapped_array<krait_trace_statistic> all(capacity);
    if (!gather(newer, key, is_cumulative, false, all)) return 0;
    if (older != nullptr && !gather(*older, key, is_cumulative, true, all)) return 0;
    // Those of the newer snapshot first, for the example.
    std::sort(all.begin(), all.end(), [](const krait_trace_statistic& a, const krait_trace_statistic& b) {
        return a.key != b.key ? a.key < b.key : a.count > b.count;
    });
    std::size_t groups = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (groups != 0 && all[groups - 1].key == all[i].key) {
            krait_trace_statistic& sum = all[groups - 1];
            sum.size += all[i].size;
            sum.count += all[i].count;
            sum.size_diff += all[i].size_diff;
            sum.count_diff += all[i].count_diff;
        } else {
            all[groups++] = all[i];
        }
    }
    all.shrink(groups);
    const bool compares = older != nullptr;
    std::sort(all.begin(), all.end(), [compares](const krait_trace_statistic& a, const krait_trace_statistic& b) {
        if (compares && a.size_diff != b.size_diff) return magnitude(a.size_diff) > magnitude(b.size_diff);
        if (a.size != b.size) return a.size > b.size;
        return a.count != b.count ? a.count > b.count : a.key < b.key;
    });
    std::copy(all.begin(), all.begin() + std::min(most, groups), statistics);
    return groups;
}

} // namespace krait::trace
