#include "doctor/picture.hpp"

#include "core/blocks_note.hpp"
#include "failure.hpp"
#include "observe/refusal.hpp"
#include "program.hpp"

#include <krait/krait.h>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace krait::tools {

namespace {

krait_stats_layout layout_of(pid_t process, mapped_library& krait, std::string& library) {
    try {
        const observed_heap heap(process);
        krait = heap.library();
        library = krait.file.string();
        if (heap.layout().krait_version != KRAIT_VERSION)
            fail("process {} has another version of krait ({}): use the krait command that came with it", process,
                 library);
        return heap.layout();
    } catch (const bad_address&) {
        throw;
    } catch (const failure&) {
        // Where no krait could be in it at all, that is the reason to tell.
        const std::string why = why_preload_is_void(fmt::format("/proc/{}/exe", process));
        if (why.empty() || !library.empty() || status_of(fmt::format("/proc/{}", process)).state == 0) throw;
        fail("process {} ({}) {}: krait is not in it", process, name_of(process), why);
    }
}

} // namespace

picture::picture(const picture_request& request)
    : process_(request.process), program_(name_of(request.process)),
      layout_(layout_of(request.process, krait_, library_)),
      stopped_(request.process, request.is_stopped ? stopped_process::first_is_stopped : stopped_process::all_threads),
      memory_(request.process, request.process) {
    std::string why_no_copy = "as asked for";
    if (request.is_stopped) why_no_copy = "at its end";
    if (!request.stands_still && !request.is_stopped)
        if (auto made = forked_copy::of(stopped_, foreign_process(process_), krait_, why_no_copy))
            copy_.emplace(std::move(*made));
    if (copy_) memory_ = picture_memory(copy_->process(), process_);
    if (copy_) stopped_.let_go();
    how_ = copy_ ? "read from a forked copy" : fmt::format("read meanwhile ({})", why_no_copy);
    const auto began = std::chrono::steady_clock::now();
    const foreign_process read_from(memory_.process());
    map_ = address_map(read_from);
    const foreign_address other_blocks =
        read_from.find_note(krait_, KRAIT_STATS_NOTE_NAME, other_blocks_note_type, sizeof(foreign_address));
    blocks_ = std::make_unique<heap_blocks>(memory_, layout_, map_, other_blocks);
    objects_ = std::make_unique<exact_objects>(memory_, *blocks_);
    objects_->ask(copy_ ? copy_->caller() : std::nullopt,
                  copy_ ? "the kernel cannot close the copy's files for it alone (Linux 5.9 can)"
                        : "they can be asked only in a copy of the process",
                  stopped_.threads());
    roots from(memory_, map_, *blocks_, stopped_.threads(), recorder_memory(memory_.process()), library_,
               !request.is_stopped);
    from.add_epoll(process_);
    const bool keeps_edges = request.with_holders || request.with_names;
    if (!keeps_edges) words_ = from.words(*objects_, false);
    graph_ =
        std::make_unique<heap_graph>(*blocks_, *objects_, from.buffers_of_streams(), keeps_edges ? nullptr : &words_);
    if (keeps_edges) words_ = from.words(*objects_, true);
    stopped_.let_go();
    graph_->mark(words_);
    names_ = std::make_unique<process_names>(memory_, map_);
    if (request.with_holders || request.with_names)
        groups_ = std::make_unique<root_groups>(words_, *graph_, map_, stopped_.threads(), *names_);
    places_ = std::make_unique<block_places>(memory_.process(), process_, *blocks_, *names_);
    if (request.with_holders) holders_ = std::make_unique<dominator_tree>(*graph_, groups_->starts());
    contents_ = std::make_unique<contents>(memory_, *blocks_, map_, *names_, *objects_);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

} // namespace krait::tools
