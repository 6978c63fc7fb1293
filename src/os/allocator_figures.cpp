#include "os/allocator_figures.hpp"

#include "os/redirection.hpp"

#include <algorithm>
#include <cstdint>
#include <malloc.h>

namespace krait::os {

namespace {

template <class Function>
Function* function_of(const loaded_library& library, const char* name) noexcept {
    return reinterpret_cast<Function*>(own_definition(library, name));
}

// What of `held` bytes is not in use: the figures may be of different moments.
std::size_t rest(std::size_t held, std::size_t in_use) noexcept { return held - std::min(held, in_use); }

system_memory count_libc(const loaded_library& library) noexcept {
    auto* const report = function_of<struct mallinfo2()>(library, "mallinfo2");
    if (report == nullptr) return {};
    const auto info = report();
    return {true, info.uordblks + info.hblkhd, info.fordblks};
}

system_memory count_tcmalloc(const loaded_library& library) noexcept {
    using property_function = int(const char* property, std::size_t* value);
    auto* const property = function_of<property_function>(library, "MallocExtension_GetNumericProperty");
    std::size_t in_use = 0, held = 0;
    if (property == nullptr || property("generic.current_allocated_bytes", &in_use) == 0 ||
        property("generic.heap_size", &held) == 0)
        return {};
    return {true, in_use, rest(held, in_use)};
}

system_memory count_jemalloc(const loaded_library& library) noexcept {
    using control_function = int(const char* name, void* old, std::size_t* old_size, void* value, std::size_t size);
    auto* const control = function_of<control_function>(library, "mallctl");
    if (control == nullptr) return {};
    std::uint64_t epoch = 1; // written, it has the figures made anew
    static_cast<void>(control("epoch", nullptr, nullptr, &epoch, sizeof epoch));
    const auto read = [&](const char* name, std::size_t& value) {
        std::size_t size = sizeof value;
        return control(name, &value, &size, nullptr, 0) == 0;
    };
    std::size_t in_use = 0, resident = 0, metadata = 0;
    if (!read("stats.allocated", in_use) || !read("stats.resident", resident) || !read("stats.metadata", metadata))
        return {};
    return {true, in_use, rest(resident, in_use + metadata)};
}

constexpr known_allocator known[] = {{"libc", "gnu_get_libc_version", count_libc},
                                     {"tcmalloc", "tc_malloc", count_tcmalloc},
                                     {"mimalloc", "mi_malloc", nullptr},
                                     {"jemalloc", "mallctl", count_jemalloc}};

} // namespace

const known_allocator* recognise(const loaded_library& library) noexcept {
    for (const known_allocator& each : known) {
        if (library.find(each.sign) != nullptr) return &each;
    }
    return nullptr;
}

} // namespace krait::os
