#pragma once

#include "model/memory_subject.hpp"

namespace krait::model {

// CPython's own pymalloc, in the geometry that libpython was built with, and never initialised: no interpreter runs, so
// that nothing but the trace allocates. pymalloc's state belongs to the process, and so there can be one of these in a
// process, which must outlive every use of CPython's allocator.
class cpython final : public memory_subject {
  public:
    // Throws std::runtime_error if pymalloc is not in use, or has been used before.
    explicit cpython(const layout& l);
    cpython(const cpython&) = delete;
    cpython& operator=(const cpython&) = delete;

    std::string name() const override;
    std::string statistics() override; // of _PyObject_DebugMallocStats

  private:
    void* allocate(std::size_t bytes) override;
    void* reallocate(void* block, std::size_t old_bytes, std::size_t bytes) override;
    void release(void* block) override;

    static void* create_arena(void* self, std::size_t bytes);
    static void release_arena(void* self, void* base, std::size_t bytes);

    layout layout_;
};

} // namespace krait::model
