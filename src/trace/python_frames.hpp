// The frames of CPython's interpreter, in place of the native frames of its evaluation loop.
//
//   evaluation loop   the C function that runs Python code; an activation of it runs the frames of Python functions
//                     that called each other: a run
//   mark              a local variable of each activation, which the thread's state leads to: the native frame in whose
//                     part of the stack it lies is the activation (python_layout.hpp)
//   place             a code object and an instruction in it, as one value: code_flag | code id << 32 | line
//
//   item              a native frame or one of Python's in a stack that is put together
//
//   number_of ─► state_of_thread       by the key that CPython has for it; none: no Python in this thread
//             ─► items, innermost first: a native frame with a mark is left out, and its run is put
//             ─► nodes, from the outermost in: those of items that are as in the stack before, as far as they are
//                   ─► place_of ─► known?  ─► code_table: names are copied   ─► line_of: the line table is read
//
// What a thread remembers of code objects is good until one is freed: freed blocks are looked at, whether they are one.
// Where samples are taken, nobody looks at what is freed, and nothing is remembered from one sample to the next.
// (Not those of pymalloc's: with it, a place may have the names of a code object that lay there before.)
//
// It runs within malloc, wherever that was called: no lock, no request for memory, nothing of Python's called.
//   What a thread's own frames lead to stays while it reads it: frames own their code, code its names. What may be
//   half made or gone (a handler of a signal in the midst of a call, a thread that outlives the interpreter) is caught:
//   each page is asked for once whether it can be read, types are compared, chains are bounded, marks only go up.
//   A thread without the GIL reads its own frames; once the interpreter ends, no thread but the one that ends it does.
#pragma once

#include "os/code_object.hpp"
#include "trace/code_table.hpp"
#include "trace/intern_table.hpp"
#include "trace/python_layout.hpp"
#include "trace/stack_walk.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

// What one thread knows of the Python that it ran.
struct python_memo {
    static constexpr std::size_t page_slots = 256, place_slots = 1024, most_items = 256;
    static constexpr unsigned page_shift = 64 - 8;
    static_assert(page_slots == std::size_t{1} << (64 - page_shift));
    struct item {
        std::uintptr_t where; // the frame, or its sp
        std::uintptr_t code;  // 0: a native one
        std::uintptr_t at;    // instruction, or pc
        std::uint32_t node;

        bool is_same(const item& other) const noexcept {
            return where == other.where && code == other.code && at == other.at;
        }
    };
    struct place {
        std::uint64_t key; // a hash of code object, instruction and what tells a code object from a later one there
        std::uint64_t value;
    };
    std::uint32_t unmappings;                     // as many were when the pages were asked for
    std::array<std::uintptr_t, page_slots> pages; // numbers of those that can be read; 0 = none
    std::array<place, place_slots> places;
    std::uint32_t freed_codes; // as many had been freed when the items and places were made
    std::uint32_t count;       // items of the stack before
    std::uint32_t newer;       // the row of `items` that they are not in
    std::array<std::array<item, most_items>, 2> items;
};

class python_frames {
  public:
    // Whether the file is a CPython's that is known: if so, its threads have Python frames from now on.
    void look_at(const os::code_object& object) noexcept;
    void forget(std::uintptr_t begin, std::uintptr_t end) noexcept; // unloaded
    bool is_there() const noexcept { return layout_.load(std::memory_order_acquire) != nullptr; }

    // The node of a stack with Python's frames in it, of at most `most`; 0 if the thread has none.
    std::uint32_t number_of(const stack_walk& walk, std::size_t most, python_memo& memo, intern_table& nodes,
                            recent_numbers& numbers) noexcept;

    // A block that is about to be freed: code objects that anybody remembers may lie there no more.
    [[gnu::always_inline]] void freeing(const void* block) noexcept {
        const std::uintptr_t type = code_type_.load(std::memory_order_relaxed);
        if (__builtin_expect(type != 0, 0)) look_at_freed(block, type);
    }

    // Where not every release is looked at.
    void codes_may_be_gone() noexcept {
        if (is_there()) freed_codes_.fetch_add(1, std::memory_order_relaxed);
    }

    // Of the program: what was known to be readable may not be so any more.
    void unmapped() noexcept { unmappings_.fetch_add(1, std::memory_order_relaxed); }

    code_table codes;

  private:
    template <std::size_t Row>
    class reading;
    template <std::size_t Row>
    static std::size_t collect(reading<Row>& python, const stack_walk& walk, std::size_t most,
                               python_memo::item* items) noexcept;
    template <std::size_t Row>
    std::uint32_t number_in(const stack_walk& walk, std::size_t most, python_memo& memo, intern_table& nodes,
                            recent_numbers& numbers) noexcept;

    // Blocks have two words at least. The type of an object that is freed is still there.
    void look_at_freed(const void* block, std::uintptr_t type) noexcept {
        if (static_cast<const std::uintptr_t*>(block)[1] == type) freed_codes_.fetch_add(1, std::memory_order_relaxed);
    }

    std::atomic<bool> is_claimed_{false}; // by the thread that fills in what follows
    std::atomic<const python_layout*> layout_{nullptr};
    std::uintptr_t runtime_ = 0; // _PyRuntime
    std::uintptr_t text_type_ = 0, bytes_type_ = 0;
    std::atomic<std::uintptr_t> code_type_{0};
    std::atomic<std::uint32_t> freed_codes_{0};
    std::atomic<std::uint32_t> unmappings_{1};
};

} // namespace krait::trace
