// Root words under the names that a user knows: the variable that holds them, the function whose frame they lie in, the
// thread, the mapping.
#pragma once

#include "doctor/heap_graph.hpp"
#include "doctor/process_names.hpp"
#include "doctor/roots.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace krait::tools {

struct root_group {
    root_kind kind = root_kind::memory;
    std::string name;          // "global `sessions` in server": the same from one picture to the next, as far as can be
    std::string where;         // file and line of a frame, where they are known
    foreign_address start = 0; // of a variable; else 0
    std::uint64_t size = 0;
};

class root_groups {
  public:
    // Words that were marked.
    root_groups(const std::vector<root_word>& words, const heap_graph& graph, const address_map& map,
                const std::vector<stopped_thread>& threads, process_names& names);

    const std::vector<root_group>& all() const noexcept { return groups_; }
    // By group: the slots that it leads to, each once; of stacks and registers those that nothing lasting reaches, of a
    // thread's frames the outermost with the block, and of registers what no frame has.
    const std::vector<std::vector<slot_id>>& starts() const noexcept { return starts_; }
    // The group of each root word.
    std::size_t group_of(std::size_t word) const noexcept { return of_word_[word]; }

  private:
    using key = std::tuple<root_kind, std::size_t, std::uint64_t>;

    void find_starts(const std::vector<root_word>& words, const heap_graph& graph);
    std::size_t group_for(const root_word& word);
    std::size_t group_of_variable(const root_word& word);
    std::size_t group_on_stack(const root_word& word);
    std::size_t group_in_memory(const root_word& word);
    // The group with this key, made by `make` when it is new.
    template <class Make>
    std::size_t group(const key& of, Make&& make);
    const std::vector<stack_frame>& frames_of(std::size_t thread);
    std::string thread_text(std::size_t thread) const;
    const stopped_thread* thread_with_storage_at(foreign_address address) const noexcept;

    const address_map& map_;
    const std::vector<stopped_thread>& threads_;
    process_names& names_;
    std::uint64_t thread_bytes_;
    std::vector<std::vector<stack_frame>> frames_; // by thread
    std::vector<bool> has_frames_;
    std::map<key, std::size_t> index_;
    std::vector<root_group> groups_;
    std::vector<std::vector<slot_id>> starts_;
    std::vector<std::uint32_t> of_word_;
};

} // namespace krait::tools
