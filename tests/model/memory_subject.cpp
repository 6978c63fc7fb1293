#include "memory_subject.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace krait::model {

namespace {

std::uintptr_t address(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

} // namespace

void arena_ledger::created(const void* base) { numbers_[address(base)] = created_++; }

void arena_ledger::released(const void* base) {
    last_released_ = numbers_.at(address(base));
    numbers_.erase(address(base));
}

void arena_ledger::observe(std::size_t total_created, std::size_t total_released, const void* gave,
                           const void* took_back) {
    if (total_created != created_) created(arena_of(gave));
    if (total_released != this->total_released()) released(arena_of(took_back));
    if (total_created != created_ || total_released != this->total_released())
        throw std::runtime_error("more arenas came or went than one step can explain");
}

const void* arena_ledger::arena_of(const void* block) const {
    return static_cast<const char*>(block) - address(block) % layout_.arena_bytes;
}

std::optional<placement> arena_ledger::place(const void* block) const {
    const std::uintptr_t within = address(block) % layout_.arena_bytes;
    const auto found = numbers_.find(address(block) - within);
    if (found == numbers_.end()) return std::nullopt;
    return placement{found->second, within / layout_.pool_bytes, within % layout_.pool_bytes};
}

outcome memory_subject::perform(const step& s) {
    if (s.slot >= slots_.size()) slots_.resize(s.slot + 1);
    slot& b = slots_[s.slot];
    outcome seen;
    switch (s.what) {
    case action::allocate:
        b = {allocate(s.bytes), s.bytes};
        fill(b, s.slot);
        break;
    case action::reallocate:
        b.block = reallocate(b.block, b.bytes, s.bytes);
        seen.contents_kept = holds_pattern(b, std::min(b.bytes, s.bytes));
        b.bytes = s.bytes;
        fill(b, s.slot);
        break;
    case action::release:
        seen.contents_kept = holds_pattern(b, b.bytes);
        release(b.block);
        b = {};
        break;
    }
    if (b.block) seen.block = ledger_.place(b.block);
    seen.arenas_created = ledger_.total_created();
    seen.arenas_released = ledger_.total_released();
    seen.last_released = ledger_.last_released();
    return seen;
}

void memory_subject::fill(slot& b, std::size_t number) {
    if (!b.block) return;
    b.pattern = static_cast<unsigned char>(number % 251 + b.bytes % 5);
    std::memset(b.block, b.pattern, b.bytes);
}

bool memory_subject::holds_pattern(const slot& b, std::size_t bytes) {
    const auto* first = static_cast<const unsigned char*>(b.block);
    return !first || std::all_of(first, first + bytes, [&](unsigned char byte) { return byte == b.pattern; });
}

} // namespace krait::model
