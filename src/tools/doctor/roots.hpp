// From where a program reaches its blocks without going through a block.
//
//   data        writable parts of files that are mapped (.data, .bss), as what their variables are called
//   stack       from a thread's stack pointer on, less the 128 bytes below it that its function may use; frame by frame
//   registers   of each thread, vectors too
//   TLS         the end of a thread's stack mapping, where its thread-local variables lie
//   memory      any other mapping that may be written to, or could once, without a file: the program's own
//   krait       its records of threads, as far as they lead to memory that krait itself has from the system allocator
//   epoll       what the program gave epoll_ctl(2) to remember, which the kernel holds
//
//   Not roots: blocks and what malloc keeps beside them; stacks below the stack pointer, where they end at a guard page
//   or are the kernel's [stack]; stacks of threads that ended, which glibc keeps for the next ones, but for the table
//   of thread-local storage that it keeps with them; files' pages, also
//   shared ones; the variables of libkrait; what nobody may read.
#pragma once

#include "doctor/address_map.hpp"
#include "doctor/exact_objects.hpp"
#include "doctor/heap_blocks.hpp"
#include "doctor/stopped_process.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace krait::tools {

enum class root_kind : std::uint8_t { data, stack, registers, thread_local_storage, memory, epoll, krait };

struct root_range {
    root_kind kind = root_kind::memory;
    foreign_address start = 0, end = 0;
    std::size_t of = 0; // thread, or mapping
    bool is_shared = false;
};

// A word outside of all blocks that leads to a live one.
struct root_word {
    root_kind kind = root_kind::memory;
    std::size_t of = 0;
    foreign_address at = 0; // where it lies; of a register its number, of epoll's the file's
    slot_id to = no_slot;

    bool is_lasting() const noexcept { return kind != root_kind::stack && kind != root_kind::registers; }
};

class roots {
  public:
    roots(const picture_memory& memory, const address_map& map, const heap_blocks& blocks,
          const std::vector<stopped_thread>& threads, const std::vector<picture_memory::span>& recorders,
          const std::string& library, bool knows_all_threads);

    const std::vector<root_range>& ranges() const noexcept { return ranges_; }
    // What the kernel remembers for the process, asked of the process itself.
    void add_epoll(pid_t process);

    // Blocks that are the buffers of stdin, stdout and stderr: what lies there is text, or what was there before. In
    // ascending order.
    std::vector<slot_id> buffers_of_streams() const;
    // Each word that leads to a live block; where blocks have not been read yet, to any block.
    std::vector<root_word> words(const exact_objects& objects, bool are_read) const;

  private:
    void add_words_of_krait(std::vector<root_word>& to, bool are_read) const;
    void add_mapping(const mapping& of, std::size_t index);
    void add(root_kind kind, foreign_address start, foreign_address end, std::size_t of);
    foreign_address record_of_ended_thread(const mapping& of) const;
    const stopped_thread* thread_with_stack_in(const mapping& of) const noexcept;

    const picture_memory& memory_;
    const address_map& map_;
    const heap_blocks& blocks_;
    const std::vector<stopped_thread>& threads_;
    const std::string& library_; // krait's file
    bool knows_all_threads_;
    std::vector<picture_memory::span> covered_;
    std::vector<root_range> ranges_;
    struct remembered {
        int epoll, file;
        std::uint64_t data;
    };
    std::vector<remembered> remembered_;
};

} // namespace krait::tools
