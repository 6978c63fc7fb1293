#include "trace/code_table.hpp"

#include <cstring>

namespace krait::trace {

namespace {

constexpr std::size_t piece_bytes = 65536; // aligned to its size: an address says where its piece ends

std::uint64_t hash_of(std::string_view text, std::uint64_t hash) noexcept {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return (hash ^ hash >> 29) * 0x9e3779b97f4a7c15;
}

} // namespace

// Memory that nothing is in costs nothing.
bool code_table::open() noexcept {
    rows_ = static_cast<row*>(os::map_anywhere(most * sizeof(row)));
    index_ = static_cast<indexed*>(os::map_anywhere(index_slots * sizeof(indexed)));
    return rows_ != nullptr && index_ != nullptr;
}

std::uint32_t code_table::number_of(std::string_view file, std::string_view function,
                                    std::uint32_t first_line) noexcept {
    const std::uint64_t hash = hash_of(function, hash_of(file, 0xcbf29ce484222325 + first_line)) | 1;
    constexpr std::size_t longest_probe = 64;
    for (std::size_t probe = 0; probe < longest_probe; ++probe) {
        indexed& slot = index_[((hash >> 40) + probe) % index_slots];
        std::uint64_t seen = slot.hash.load(std::memory_order_acquire);
        if (seen == hash) {
            const std::uint32_t id = slot.id.load(std::memory_order_acquire);
            return id != 0 ? id : add(file, function, first_line);
        }
        if (seen != 0) continue;
        const std::uint32_t made = add(file, function, first_line);
        if (made != 0 && slot.hash.compare_exchange_strong(seen, hash, std::memory_order_acq_rel))
            slot.id.store(made, std::memory_order_release);
        return made;
    }
    return 0;
}

std::uint32_t code_table::add(std::string_view file, std::string_view function, std::uint32_t first_line) noexcept {
    if (count_.load(std::memory_order_relaxed) >= most - 1) return 0;
    char* const text = room_for(file.size() + function.size() + 2);
    if (text == nullptr) return 0;
    const std::uint32_t id = count_.fetch_add(1, std::memory_order_acq_rel) + 1;
    if (id >= most) return 0;
    char* const behind = text + file.size() + 1;
    std::memcpy(text, file.data(), file.size());
    std::memcpy(behind, function.data(), function.size());
    rows_[id].file = text;
    rows_[id].function = behind;
    rows_[id].first_line = first_line;
    rows_[id].is_ready.store(true, std::memory_order_release);
    return id;
}

// Texts are shorter than a piece by far. One of two threads that need a new piece gives its own back.
char* code_table::room_for(std::size_t bytes) noexcept {
    for (;;) {
        char* const from = text_.load(std::memory_order_acquire);
        const std::size_t used = reinterpret_cast<std::uintptr_t>(from) % piece_bytes;
        if (from != nullptr && used != 0 && used + bytes < piece_bytes) {
            char* expected = from;
            if (text_.compare_exchange_weak(expected, from + bytes, std::memory_order_acq_rel)) return from;
            continue;
        }
        auto* const mapped = static_cast<char*>(os::map_anywhere(2 * piece_bytes));
        if (mapped == nullptr) return nullptr;
        const auto address = reinterpret_cast<std::uintptr_t>(mapped);
        char* const piece = mapped + (piece_bytes - address % piece_bytes) % piece_bytes;
        char* expected = from;
        // The first byte of a piece is not used: an address at its beginning would be the end of the one before.
        if (text_.compare_exchange_strong(expected, piece + 1 + bytes, std::memory_order_acq_rel)) return piece + 1;
        os::unmap(mapped, 2 * piece_bytes);
    }
}

} // namespace krait::trace
