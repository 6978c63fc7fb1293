#include "fidelity/cpython.hpp"

#include <Python.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

// Exported by libpython, and declared in headers that only CPython's own sources may include.
extern "C" int _PyObject_DebugMallocStats(std::FILE* out);
extern "C" Py_ssize_t _Py_GetAllocatedBlocks(void);

namespace krait::model {

cpython::cpython(const layout& l) : memory_subject(l), layout_(l) {
    unsetenv("PYTHONMALLOCSTATS"); // pymalloc would print at every new arena
    PyObjectArenaAllocator hook{this, create_arena, release_arena};
    PyObject_SetArenaAllocator(&hook);

    const std::string text = statistics();
    if (text.empty()) throw std::runtime_error("libpython does not use pymalloc");
    if (_Py_GetAllocatedBlocks() != 0 || text.find("0 arenas * ") == std::string::npos)
        throw std::runtime_error("pymalloc has been used before");
}

std::string cpython::name() const { return "CPython " PY_VERSION; }

void* cpython::allocate(std::size_t bytes) { return PyObject_Malloc(bytes); }

void* cpython::reallocate(void* block, std::size_t, std::size_t bytes) { return PyObject_Realloc(block, bytes); }

void cpython::release(void* block) { PyObject_Free(block); }

void* cpython::create_arena(void* self, std::size_t bytes) {
    auto& me = *static_cast<cpython*>(self);
    if (bytes != me.layout_.arena_bytes || me.ledger().current() == me.layout_.arena_limit) return nullptr;
    void* base = std::aligned_alloc(bytes, bytes);
    if (base) me.ledger().created(base);
    return base;
}

void cpython::release_arena(void* self, void* base, std::size_t) {
    static_cast<cpython*>(self)->ledger().released(base);
    std::free(base);
}

// The part about pymalloc itself. The rest is about CPython's map of arenas, which krait does not need.
std::string cpython::statistics() {
    char* buffer = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&buffer, &size);
    if (!out) throw std::runtime_error("open_memstream failed");
    const bool printed = _PyObject_DebugMallocStats(out) != 0;
    std::fclose(out);
    const std::string text(buffer, size);
    std::free(buffer);
    return printed ? text.substr(0, text.find('\n', text.find("\nTotal ") + 1) + 1) : std::string{};
}

} // namespace krait::model
