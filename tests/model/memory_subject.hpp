#pragma once

#include "vocabulary.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace krait::model {

// Knows the arenas of an allocator by their order of creation, whatever their addresses. Arenas are aligned to their
// size.
class arena_ledger {
  public:
    explicit arena_ledger(const layout& l) : layout_(l) {}

    void created(const void* base);
    void released(const void* base);
    // For an allocator that only counts its arenas: the totals after a step, the block that the step gave and the one
    // that it took back. Throws std::runtime_error if these blocks cannot explain the arenas that came and went.
    void observe(std::size_t total_created, std::size_t total_released, const void* gave, const void* took_back);
    std::optional<placement> place(const void* block) const;

    std::size_t current() const { return numbers_.size(); }
    std::size_t total_created() const { return created_; }
    std::size_t total_released() const { return created_ - numbers_.size(); }
    std::optional<std::size_t> last_released() const { return last_released_; }

  private:
    const void* arena_of(const void* block) const;

    layout layout_;
    std::unordered_map<std::uintptr_t, std::size_t> numbers_; // by base address
    std::size_t created_ = 0;
    std::optional<std::size_t> last_released_;
};

// A subject whose blocks are memory: it fills every block to its last byte, and looks whether the bytes are still
// there when the block is reallocated or released.
class memory_subject : public subject {
  public:
    outcome perform(const step& s) final;

  protected:
    explicit memory_subject(const layout& l) : ledger_(l) {}

    virtual void* allocate(std::size_t bytes) = 0; // null for a foreign block, if the subject has none
    virtual void* reallocate(void* block, std::size_t old_bytes, std::size_t bytes) = 0;
    virtual void release(void* block) = 0;

    arena_ledger& ledger() { return ledger_; }

  private:
    struct slot {
        void* block = nullptr;
        std::size_t bytes = 0;
        unsigned char pattern = 0;
    };

    static void fill(slot& b, std::size_t number);
    static bool holds_pattern(const slot& b, std::size_t bytes);

    arena_ledger ledger_;
    std::vector<slot> slots_;
};

} // namespace krait::model
