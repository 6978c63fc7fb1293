// One look at a process: everything that was read of it at one moment, and what its blocks are to each other.
#pragma once

#include "doctor/address_map.hpp"
#include "doctor/block_places.hpp"
#include "doctor/contents.hpp"
#include "doctor/dominators.hpp"
#include "doctor/exact_objects.hpp"
#include "doctor/forked_copy.hpp"
#include "doctor/heap_blocks.hpp"
#include "doctor/heap_graph.hpp"
#include "doctor/picture_memory.hpp"
#include "doctor/process_names.hpp"
#include "doctor/root_groups.hpp"
#include "doctor/roots.hpp"
#include "doctor/stopped_process.hpp"
#include "observe/heap_picture.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace krait::tools {

struct picture_request {
    pid_t process = 0;
    bool is_stopped = false;   // by the caller, at its end
    bool with_holders = true;  // the dominator tree, which needs more memory
    bool with_names = true;    // of roots; holders need them
    bool stands_still = false; // the process, while it is read: else a copy is forked of it where that can be
};

class picture {
  public:
    explicit picture(const picture_request& request);

    pid_t process() const noexcept { return process_; }
    const std::string& program() const noexcept { return program_; }
    const std::string& library() const noexcept { return library_; }
    // How it was taken, as the end of a sentence: "read while it stood still".
    const std::string& how() const noexcept { return how_; }
    double seconds_stopped() const noexcept { return stopped_.seconds_stopped(); }
    double seconds() const noexcept { return seconds_; }
    // Bytes of this process's memory, for marking and for the tree of holders.
    std::size_t memory_for_marking() const noexcept { return graph_->memory(); }
    std::size_t memory_for_holders() const noexcept { return holders_ != nullptr ? holders_->memory() : 0; }

    const std::vector<stopped_thread>& threads() const noexcept { return stopped_.threads(); }
    const picture_memory& memory() const noexcept { return memory_; }
    const heap_blocks& blocks() const noexcept { return *blocks_; }
    // Those of the object layer.
    exact_objects& objects() noexcept { return *objects_; }
    const heap_graph& graph() const noexcept { return *graph_; }
    const std::vector<root_word>& root_words() const noexcept { return words_; }
    const root_groups& groups() const noexcept { return *groups_; }
    // Null where they were not asked for.
    const dominator_tree* holders() const noexcept { return holders_.get(); }
    process_names& names() noexcept { return *names_; }
    contents& looks() noexcept { return *contents_; }
    block_places& places() noexcept { return *places_; }

  private:
    pid_t process_;
    std::string program_, library_, how_;
    mapped_library krait_;
    krait_stats_layout layout_{};
    stopped_process stopped_;
    std::optional<forked_copy> copy_;
    picture_memory memory_;
    address_map map_;
    std::unique_ptr<heap_blocks> blocks_;
    std::unique_ptr<exact_objects> objects_;
    std::unique_ptr<heap_graph> graph_;
    std::vector<root_word> words_;
    std::unique_ptr<process_names> names_;
    std::unique_ptr<root_groups> groups_;
    std::unique_ptr<dominator_tree> holders_;
    std::unique_ptr<contents> contents_;
    std::unique_ptr<block_places> places_;
    double seconds_ = 0;
};

} // namespace krait::tools
