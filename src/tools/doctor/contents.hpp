// What blocks are, as far as their words prove it: objects with a vtable by their type's name, CPython's objects by
// theirs, those of the object layer by theirs, text, the standard library's containers; anything else by its size and
// what kinds of words it begins with.
//
// The layouts are libstdc++'s. A container is believed where its words agree with the blocks that they lead to:
//   vector         begin <= end <= capacity, in a block that begins at begin and holds no more
//   string         a block with a zero byte behind its size, or the 16 bytes of its own
//   list           the first element's back link and the last one's link are the container
//   map, set       the root's parent is the container's head
//   unordered_     a block of so many buckets, load factor 1, and elements that are blocks, linked from the first one
//   deque          a block that points to nodes of one size, two of which are its ends
//   function       two addresses of code behind 16 bytes
#pragma once

#include "doctor/exact_objects.hpp"
#include "doctor/heap_blocks.hpp"
#include "doctor/object_records.hpp"
#include "doctor/process_names.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace krait::tools {

enum class container_kind : std::uint8_t { vector, string, list, tree, hash_table, deque, function };

struct container {
    container_kind kind = container_kind::vector;
    foreign_address at = 0;
    std::uint64_t elements = 0;  // 0 where only bytes are known
    std::uint64_t bytes = 0;     // in use, of a vector, a string, a deque
    foreign_address storage = 0; // an address in a block that the container leads to
    bool has_functions = false;  // a vector of std::function
    bool has_objects = false;    // a vector of pointers to objects, with a vtable or of the object layer

    // "std::vector of 12 elements"
    std::string text() const;
};

class contents {
  public:
    contents(const picture_memory& memory, const heap_blocks& blocks, const address_map& map, process_names& names,
             exact_objects& objects);

    // The type's name; empty where nothing proves one.
    std::string type_of(slot_id slot);
    // The type, or else size and kinds of words: "48 bytes (pointer, text)". Never empty.
    std::string looks_of(slot_id slot);

    // A container whose first pointer lies at the address.
    std::optional<container> container_with_pointer_at(foreign_address at);
    // A container that begins at the address.
    std::optional<container> container_at(foreign_address at);

    // Owners in a control block of a shared_ptr, if the block is one.
    std::optional<std::uint32_t> shared_count(slot_id slot);

  private:
    std::uint64_t word(foreign_address at) const { return memory_.word(at); }
    bool is_block_start(foreign_address at) const;
    bool is_object(foreign_address at);
    std::uint64_t block_bytes(foreign_address at) const;

    std::optional<container> function_at(foreign_address at);
    std::optional<container> deque_at(foreign_address at);
    std::optional<container> hash_table_at(foreign_address at);
    std::optional<container> tree_at(foreign_address at);
    std::optional<container> list_at(foreign_address at);
    std::optional<container> string_at(foreign_address at);
    std::optional<container> vector_at(foreign_address at);
    std::string python_type_of(foreign_address at) const;
    std::string text_of(const heap_block& block) const;
    char kind_of(std::uint64_t word) const;

    const picture_memory& memory_;
    const heap_blocks& blocks_;
    const address_map& map_;
    process_names& names_;
    exact_objects& objects_;
    object_records records_;
    foreign_address python_type_ = 0; // PyType_Type
};

} // namespace krait::tools
