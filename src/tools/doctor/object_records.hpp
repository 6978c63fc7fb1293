// Objects of krait's object layer by their words alone: what the collector does not list, as it can be part of no
// cycle, and what threads share. In front of an object lies the address of its type's record (krait/object/head.hpp),
// or of a cell that has it.
//
//   believed where the record is in a file's data, says that the object begins just there and fits into the block, and
//   has a name in a file and a function to destroy with
#pragma once

#include "doctor/heap_blocks.hpp"
#include "doctor/process_names.hpp"

#include <string>
#include <unordered_map>

namespace krait::tools {

class object_records {
  public:
    object_records(const picture_memory& memory, const heap_blocks& blocks, const process_names& names)
        : memory_(memory), blocks_(blocks), names_(names) {}

    // Empty where nothing proves one.
    std::string type_of(const heap_block& block);

  private:
    struct known {
        std::string name; // empty: no record
        std::uint32_t offset = 0, size = 0;
    };
    const known& record_at(foreign_address at);
    known read(foreign_address at) const;

    const picture_memory& memory_;
    const heap_blocks& blocks_;
    const process_names& names_;
    std::unordered_map<foreign_address, known> records_;
};

} // namespace krait::tools
