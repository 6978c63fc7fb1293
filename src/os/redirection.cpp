#include "os/redirection.hpp"

#include "os/clock.hpp"
#include "os/each_library.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <sys/mman.h>

namespace krait::os {

namespace {

struct original {
    std::uintptr_t library;
    const char* name;
    void* address;
};

constexpr std::size_t most_originals = 96;
constinit std::array<original, most_originals> originals{};
constinit std::atomic<std::size_t> original_count{0}; // those before it are written and never change

// No lock: a child that was forked meanwhile would find it held for ever, and wait. It finds `under_way`.
enum class stage : std::uint8_t { none, under_way, done, refused };
constinit std::atomic<stage> reached{stage::none};

struct pages {
    std::uintptr_t begin = UINTPTR_MAX;
    std::uintptr_t end = 0;

    void include(const ElfW(Sym) * symbol) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(symbol);
        begin = std::min(begin, page_floor(address));
        end = std::max(end, page_ceiling(address + sizeof *symbol));
    }
    bool protect(int rights) const noexcept { return system_call(SYS_mprotect, begin, end - begin, rights) == 0; }
};

// Whether an address lies in a segment that is neither written to nor run.
bool is_constant(const void* address) noexcept {
    bool is_so = false;
    each_library([&](const dl_phdr_info& info) noexcept {
        if (!is_in(info, address)) return false;
        const auto where = reinterpret_cast<std::uintptr_t>(address) - info.dlpi_addr;
        for (std::size_t i = 0; i < info.dlpi_phnum; ++i) {
            const auto& segment = info.dlpi_phdr[i];
            if (segment.p_type == PT_LOAD && where - segment.p_vaddr < segment.p_memsz)
                is_so = (segment.p_flags & (PF_W | PF_X)) == 0;
        }
        return true;
    });
    return is_so;
}

// Before the change, so that own_definition() is right during it.
bool remember(const loaded_library& library, const redirected& each) noexcept {
    const std::size_t count = original_count.load(std::memory_order_relaxed);
    if (count == most_originals) return false;
    originals[count] = {library.base(), each.name, library.address_of(each.name)};
    original_count.store(count + 1, std::memory_order_release);
    return true;
}

bool redirect(const loaded_library& library, std::span<const redirected> names) noexcept {
    pages touched;
    for (const redirected& each : names) {
        const auto* const symbol = library.find(each.name);
        if (symbol == nullptr || symbol->st_shndx == SHN_ABS) continue;
        if (!is_constant(symbol) || !remember(library, each)) return false;
        touched.include(symbol);
    }
    if (touched.end == 0) return true;
    if (!touched.protect(PROT_READ | PROT_WRITE)) return false;
    for (const redirected& each : names) {
        auto* const symbol = const_cast<ElfW(Sym)*>(library.find(each.name));
        if (symbol == nullptr || symbol->st_shndx == SHN_ABS) continue;
        // Other threads' loaders may read it: the old value or the new one, never half of it.
        const std::uintptr_t value = reinterpret_cast<std::uintptr_t>(each.to) - library.base();
        std::atomic_ref(symbol->st_value).store(value, std::memory_order_relaxed);
    }
    static_cast<void>(touched.protect(PROT_READ));
    return true;
}

} // namespace

bool redirect_once(std::span<const loaded_library> libraries, std::span<const redirected> names) noexcept {
    stage before = stage::none;
    if (reached.compare_exchange_strong(before, stage::under_way, std::memory_order_acq_rel)) {
        const bool all = std::all_of(libraries.begin(), libraries.end(),
                                     [&](const loaded_library& each) { return redirect(each, names); });
        reached.store(all ? stage::done : stage::refused, std::memory_order_release);
        return all;
    }
    constexpr int most_waits = 100;
    for (int waits = 0; before == stage::under_way && waits < most_waits; ++waits) {
        sleep_ms(1);
        before = reached.load(std::memory_order_acquire);
    }
    return before == stage::done;
}

void* own_definition(const loaded_library& library, const char* name) noexcept {
    const std::size_t count = original_count.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < count; ++i) {
        if (originals[i].library == library.base() && std::string_view(originals[i].name) == name)
            return originals[i].address;
    }
    return library.address_of(name);
}

} // namespace krait::os
