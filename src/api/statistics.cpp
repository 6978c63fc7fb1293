#include "api/statistics.hpp"

#include "core/process.hpp"
#include "core/stats_note.hpp"
#include "core/system_blocks.hpp"
#include "os/memory.hpp"
#include "os/system_allocator.hpp"
#include "os/system_call.hpp"
#include "os/thread.hpp"
#include "statistics/read_block.hpp"

#include <cstring>

namespace krait {

namespace {

// This process's memory, while its threads write to it.
struct own_memory {
    static void rows(krait_stats_column column, std::uint64_t base, unsigned count, std::uint64_t* to) noexcept {
        for (unsigned i = 0; i < count; ++i) to[i] = load(base + column.address + i * column.stride, column.width);
    }
    static void bytes(std::uint64_t from, void* to, std::size_t size) noexcept {
        std::memcpy(to, reinterpret_cast<const void*>(from), size);
    }
    static bool is_gone(std::uint32_t thread) noexcept { return !os::has_filter() && os::is_gone(thread); }
    static std::uint64_t page_bytes() noexcept { return os::page_size(); }

  private:
    template <class T>
    static std::uint64_t load(std::uint64_t address) noexcept {
        return std::atomic_ref(*reinterpret_cast<T*>(address)).load(std::memory_order_acquire);
    }
    static std::uint64_t load(std::uint64_t address, std::uint32_t width) noexcept {
        switch (width) {
        case 1:
            return load<std::uint8_t>(address);
        case 2:
            return load<std::uint16_t>(address);
        case 4:
            return load<std::uint32_t>(address);
        default:
            return load<std::uint64_t>(address);
        }
    }
};

} // namespace

heap_snapshot take_snapshot() noexcept {
    process::take_stock(); // or another thread's first request sets up meanwhile what is read here
    // First of all: looking it up may take blocks.
    const os::system_memory system = system_blocks::call_system([] { return os::count_system_memory(); });
    heap_snapshot taken;
    own_memory memory;
    read_block(memory, krait_own_stats_block, taken, [](const cache_row&) noexcept {});
    if (system.is_known) {
        taken.totals.system_in_use = system.in_use;
        taken.totals.system_free = system.free;
    }
    return taken;
}

} // namespace krait
