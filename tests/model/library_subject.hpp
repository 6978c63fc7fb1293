#pragma once

#include "model/memory_subject.hpp"

namespace krait::model {

// The library as a program sees it, through krait_malloc, krait_realloc and krait_free, with thread caches off. Its
// state belongs to the process, and so there can be one of these in a process, before any other use of krait.
class library_subject final : public memory_subject {
  public:
    library_subject(const layout& l, free_pages pages);

    std::string name() const override { return "libkrait"; }
    // Out of the numbers that the library prints; throws std::runtime_error if they do not add up.
    std::string statistics() override;

  private:
    void* allocate(std::size_t bytes) override;
    void* reallocate(void* block, std::size_t old_bytes, std::size_t bytes) override;
    void release(void* block) override;

    void observe(const void* gave, const void* took_back);

    layout layout_;
};

} // namespace krait::model
