// What a picture says: which blocks nobody holds, who holds the rest, and what that looks like. Plain data, for text,
// JSON, DOT and the page alike; a saved one is what a later picture is compared with.
//
//   shapes are guesses from evidence in the graph, and are worded as such
#pragma once

#include "doctor/heap_graph.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace krait::tools {

class picture;

std::string block_count_text(std::uint64_t blocks); // "1 block", "2,001 blocks"

// Lost blocks that look the same and come from the same place.
struct lost_group {
    std::string looks;
    std::string place; // empty where none is recorded
    block_total own, behind;
    std::string example; // the address of the first one
    bool is_circle = false;
    std::string circle; // of a circle of shared_ptr: who holds whom
    std::string fate;   // of an object of the object layer: what its count says
};

struct known_container {
    std::string text; // "std::vector of 12 pointers"
    std::string kind; // "std::vector": stays the same while it grows
    std::uint64_t elements = 0, bytes = 0;
};

// A holder, or a block that one holds, and what it holds in turn.
struct held_node {
    std::string name;
    std::string where;
    std::string address; // of a block
    block_total retained;
    std::vector<known_container> containers;
    std::vector<held_node> held;
    block_total others; // held too, but not worth a line each
};

struct growth {
    std::string name;
    std::int64_t bytes = 0, blocks = 0;
};

struct shape {
    std::string kind;     // "cache"
    std::string sentence; // "looks like ..."
};

struct diagnosis {
    int process = 0;
    std::string program, library;
    double seconds_stopped = 0, seconds = 0;
    std::uint64_t bytes_for_marking = 0, bytes_for_holders = 0;
    std::size_t threads = 0;
    std::string how; // the picture was taken
    bool has_places = false, has_sampled_places = false;
    bool has_object_layer = false;
    std::uint64_t objects = 0;   // of it that are known exactly
    std::string why_not_objects; // are all of them known; else empty

    block_total live, unreachable;
    std::uint64_t lost = 0;                                     // blocks
    std::vector<lost_group> lost_groups;                        // the heaviest first
    std::map<std::uint64_t, std::uint64_t> unreachable_by_size; // of a block: how many
    bool has_holders = false;
    std::vector<held_node> holders; // the heaviest first
    block_total shared;             // held by no holder alone
    std::vector<growth> grown;      // since an earlier one; by name
    bool is_compared = false;
    std::vector<shape> shapes;
};

struct diagnosis_request {
    std::size_t most_holders = 1000;
    std::size_t most_nodes = 3000; // below holders
    std::size_t most_lost_groups = 1000;
};

diagnosis diagnose(picture& of, const diagnosis_request& request);
// Adds what grew since, and what that makes of shapes.
void compare(diagnosis& now, const diagnosis& before);

// Why the block with this address in it is there, in a few lines. Fails where it is in no live one.
std::string why_text(picture& of, std::uint64_t address);

nlohmann::json as_json(const diagnosis& of);
diagnosis from_json(const nlohmann::json& saved); // fails where it is none

} // namespace krait::tools
