// The frames of stacks with their names, each name looked up when it is first asked for.
//
//   frame      a function at a line, or at an offset where the line is not known; inlined ones are frames of their own
//   plumbing   frames through which everybody allocates: the standard libraries of C, C++ and Rust, and allocators
//   own frame  the innermost of a stack that is not plumbing, or the innermost of all: where the user would look. Where
//              interpreted code is in the stack, the machinery that runs it is plumbing too
#pragma once

#include "trace/profile.hpp"
#include "trace/symbols.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace krait::tools {

struct frame {
    std::string function; // never empty: "libx.so+0x12" where nothing is known
    std::string file;     // empty where not known
    std::string object;   // the file that was loaded, or that of an interpreter's code
    unsigned line = 0;
    std::uint64_t offset = 0;
    bool is_plumbing = false;
    bool is_interpreters = false; // the machinery of an interpreter: its own functions, and its extension modules'

    // "file:line", or what else is known of the place.
    std::string where() const;
};

// Of the runtime beneath every program: allocators, libc, the standard libraries of C++ and Rust.
bool is_plumbing(const frame& of);

// The files that names are looked up in, for several profiles of one program.
class symbol_files {
  public:
    std::shared_ptr<symbols> of(const profile_module& module);

  private:
    std::unordered_map<std::string, std::shared_ptr<symbols>> opened_; // by path and build id
};

class frame_names {
  public:
    explicit frame_names(const profile& of) : frame_names(of, own_files_) {}
    frame_names(const profile& of, symbol_files& files)
        : profile_(of), files_(files), of_location_(of.locations.size()) {}
    frame_names(const frame_names&) = delete;
    frame_names& operator=(const frame_names&) = delete;

    // Calls take(frame id) for each of the stack, innermost first.
    template <class Take>
    void for_each(std::uint32_t stack, Take take) {
        for (; stack != 0; stack = profile_.nodes[stack].parent)
            for (const std::uint32_t each : of_location(profile_.nodes[stack].location)) take(each);
    }
    // Those of one node of a stack alone.
    const std::vector<std::uint32_t>& at_node(std::uint32_t node) { return of_location(profile_.nodes[node].location); }
    std::vector<std::uint32_t> innermost_first(std::uint32_t stack);
    std::uint32_t own_frame(std::uint32_t stack);

    const frame& operator[](std::uint32_t id) const { return frames_[id]; }
    std::size_t size() const noexcept { return frames_.size(); }

    // What the user should know about the names, by now; each once.
    std::vector<std::string> warnings() const;

  private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    const std::vector<std::uint32_t>& of_location(std::uint32_t location);
    std::vector<std::uint32_t> look_up(const location& at);
    std::uint32_t id_of(frame made, bool is_code = false); // of an interpreter's

    const profile& profile_;
    symbol_files own_files_;
    symbol_files& files_;
    std::vector<frame> frames_;
    std::unordered_map<std::string, std::uint32_t> index_;
    std::vector<std::vector<std::uint32_t>> of_location_; // empty: not asked for yet
    std::vector<std::shared_ptr<symbols>> symbols_;       // by module
};

} // namespace krait::tools
