// The first pass over a trace: stacks as trees of locations, modules once for each file, threads and codes.
#pragma once

#include "trace/profile.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace krait::tools {

class location_table {
  public:
    explicit location_table(profile& made) : made_(made) { made_.locations.push_back({}); }

    void modules(const std::vector<trace_module>& now);
    void node(std::uint32_t id, std::uint32_t parent, std::uint64_t pc);

  private:
    struct hash {
        std::size_t operator()(const location& at) const noexcept {
            return static_cast<std::size_t>((at.address + (std::uint64_t{at.module} << 40)) * 0x9e3779b97f4a7c15);
        }
    };
    struct mapped_segment {
        std::uint64_t begin, end, bias;
        std::uint32_t module;
    };
    struct pending {
        std::uint32_t node;
        std::uint64_t address;
    };

    location located(std::uint64_t address) const;
    std::uint32_t index_of(const location& at);

    profile& made_;
    std::vector<mapped_segment> segments_; // by begin
    std::vector<pending> pending_;         // no module had them yet
    std::unordered_map<std::string, std::uint32_t> module_index_;
    std::unordered_map<location, std::uint32_t, hash> location_index_;
};

} // namespace krait::tools
