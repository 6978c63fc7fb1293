// Where blocks were allocated, as far as the process records it (libkrait_trace.so): all of them, samples, or none.
#pragma once

#include "doctor/address_map.hpp"
#include "doctor/heap_blocks.hpp"
#include "doctor/process_names.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace krait::tools {

// Where the recorder keeps addresses of blocks: not the program's, so no roots.
std::vector<picture_memory::span> recorder_memory(pid_t process);

class block_places {
  public:
    // Of a process that records nothing: no place is known. `with_files` has the process's files open, where that is a
    // copy.
    block_places(pid_t process, pid_t with_files, const heap_blocks& blocks, process_names& names);

    bool has_any() const noexcept { return !stack_of_.empty(); }
    bool is_sampled() const noexcept { return is_sampled_; }
    // "function (file:line)" of the innermost frame that is no plumbing; empty where it is not known.
    const std::string& place_of(slot_id slot);

  private:
    struct stack_node {
        std::uint32_t parent = 0;
        std::uint64_t pc = 0;
    };
    class reader;

    std::string text_of(std::uint32_t stack);

    process_names& names_;
    bool is_sampled_ = false;
    std::vector<stack_node> nodes_;
    std::vector<std::pair<slot_id, std::uint32_t>> stack_of_; // by slot
    std::unordered_map<std::uint32_t, std::string> texts_;    // by stack
};

} // namespace krait::tools
