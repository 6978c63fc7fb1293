#include "observe/heap_picture.hpp"

#include "observe/arena_pictures.hpp"
#include "observe/foreign_memory.hpp"

#include <algorithm>
#include <optional>

namespace krait::tools {

namespace {

constexpr int attempts = 4;

// The first fields of krait_stats_layout, the same in every version.
struct layout_head {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t size;
};

std::string version_text(std::uint64_t version) {
    return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

// The counters that change whenever an arena or a pool changes hands.
std::vector<std::uint64_t> changes(const foreign_process& process, const krait_stats_layout& layout) {
    foreign_memory memory(process);
    return {memory.one(layout.arenas_created), memory.one(layout.arenas_current), memory.one(layout.pools_free),
            memory.one(layout.pools_purged), memory.one(layout.pools_dirty)};
}

foreign_address find_block(const foreign_process& process, const mapped_library& library) {
    const foreign_address note =
        process.find_note(library, KRAIT_STATS_NOTE_NAME, KRAIT_STATS_NOTE_TYPE, sizeof(std::int64_t));
    return note == 0 ? 0 : note + static_cast<foreign_address>(process.read<std::int64_t>(note));
}

} // namespace

fullness fullness_of(std::span<const pool_picture> pools) {
    std::size_t used = 0, resident = 0, percent = 0;
    for (const pool_picture& each : pools) {
        used += each.state == pool_state::used ? 1 : 0;
        resident += each.state == pool_state::resident ? 1 : 0;
        percent += each.state == pool_state::used ? each.percent : 0;
    }
    if (used == 0) return resident != 0 ? fullness::resident : fullness::purged;
    if (percent == 100 * pools.size()) return fullness::all;
    const std::size_t mean = percent / pools.size();
    return mean > 75   ? fullness::below_all
           : mean > 50 ? fullness::up_to_three_quarters
           : mean > 25 ? fullness::up_to_half
                       : fullness::up_to_quarter;
}

krait_stats_layout read_layout(foreign_memory& memory, foreign_address block) {
    krait_stats_layout layout{};
    layout_head head{};
    memory.bytes(block, &head, sizeof head);
    if (head.magic != 0) memory.bytes(block, &layout, std::min<std::size_t>(head.size, sizeof layout));
    return layout;
}

bool is_of_this_version(const krait_stats_layout& layout) {
    return layout.magic == KRAIT_STATS_BLOCK_MAGIC && layout.version == KRAIT_STATS_BLOCK_VERSION;
}

heap_picture read_heap(foreign_memory& memory, const krait_stats_layout& layout) {
    heap_picture picture;
    picture.version = version_text(layout.krait_version);
    picture.alignment = layout.alignment;
    read_block(memory, layout, picture, [&picture](const cache_row& each) { picture.caches.push_back(each); });
    picture.arenas = read_arenas(memory, layout);
    return picture;
}

observed_heap::observed_heap(pid_t id) : process_(id) {
    // Of several, as of a program with krait linked in that is run under another: the one that serves.
    bool found = false, served = false;
    foreign_memory memory(process_);
    for (const mapped_library& each : process_.libraries()) {
        krait_stats_layout layout{};
        try {
            const foreign_address block = find_block(process_, each);
            if (block == 0) continue;
            found = true;
            layout = read_layout(memory, block);
        } catch (const bad_address&) { // code that is mapped without its file's beginning: no library
            continue;
        }
        if (layout.magic == 0) continue;
        served = true;
        library_ = each;
        if (!is_of_this_version(layout))
            fail("process {} has a krait of another version ({}): use the krait command that came with it", id,
                 library_.file.string());
        layout_ = layout;
        if (memory.one(layout_.arenas_created) != 0) return;
    }
    if (!found) fail("process {} ({}) has no krait in it: start it with `krait run -- COMMAND`", id, process_.name());
    if (!served) fail("krait in process {} has not served a request so far", id);
}

heap_picture observed_heap::read() const {
    std::optional<heap_picture> picture;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto before = changes(process_, layout_);
        try {
            picture = read_once();
        } catch (const bad_address&) { // a cache whose thread ended
            if (attempt + 1 == attempts) throw;
            continue;
        }
        if (before == changes(process_, layout_)) return *picture;
    }
    picture->torn = true;
    return *picture;
}

heap_picture observed_heap::read_once() const {
    foreign_memory memory(process_);
    heap_picture picture = read_heap(memory, layout_);
    picture.library = library_.file.string();
    picture.process = process_.id();
    picture.program = process_.name();
    picture.memory = process_.memory();
    return picture;
}

} // namespace krait::tools
