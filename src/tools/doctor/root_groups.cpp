#include "doctor/root_groups.hpp"

#include "trace/amount_text.hpp"
#include "trace/demangle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace krait::tools {

namespace {

constexpr std::uint64_t bytes_of_thread_record = 2304; // glibc's struct pthread, behind the thread pointer

// Without what a compiler adds to static variables of functions.
std::string variable_text(const std::string& symbol) {
    std::string name = demangled(symbol.c_str());
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos && dot + 1 < name.size() &&
        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(),
                    [](char c) { return c >= '0' && c <= '9'; }))
        name.erase(dot);
    constexpr std::string_view tag = "[abi:cxx11]";
    if (const std::size_t at = name.find(tag); at != std::string::npos) name.erase(at, tag.size());
    return name;
}

} // namespace

root_groups::root_groups(const std::vector<root_word>& words, const heap_graph& graph, const address_map& map,
                         const std::vector<stopped_thread>& threads, process_names& names)
    : map_(map), threads_(threads), names_(names), thread_bytes_(names.bytes_of_thread_variables()),
      frames_(threads.size()), has_frames_(threads.size()) {
    of_word_.reserve(words.size());
    for (const root_word& each : words) of_word_.push_back(static_cast<std::uint32_t>(group_for(each)));
    find_starts(words, graph);
    for (std::vector<slot_id>& each : starts_) {
        std::sort(each.begin(), each.end());
        each.erase(std::unique(each.begin(), each.end()), each.end());
    }
}

void root_groups::find_starts(const std::vector<root_word>& words, const heap_graph& graph) {
    std::map<std::pair<std::size_t, slot_id>, std::size_t> outermost; // of a thread and a block: the word
    std::set<slot_id> on_a_stack;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const root_word& each = words[i];
        if (each.is_lasting()) starts_[of_word_[i]].push_back(each.to);
        if (each.kind != root_kind::stack || graph.is_lasting(each.to)) continue;
        on_a_stack.insert(each.to);
        std::size_t& word = outermost.try_emplace({each.of, each.to}, i).first->second;
        if (words[word].at < each.at) word = i;
    }
    for (const auto& [where, word] : outermost) starts_[of_word_[word]].push_back(where.second);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const root_word& each = words[i];
        if (each.kind != root_kind::registers || graph.is_lasting(each.to) || on_a_stack.contains(each.to)) continue;
        starts_[of_word_[i]].push_back(each.to);
    }
}

template <class Make>
std::size_t root_groups::group(const key& of, Make&& make) {
    const auto [at, is_new] = index_.try_emplace(of, groups_.size());
    if (is_new) {
        groups_.push_back(make());
        starts_.emplace_back();
    }
    return at->second;
}

std::size_t root_groups::group_for(const root_word& word) {
    switch (word.kind) {
    case root_kind::data:
        return group_of_variable(word);
    case root_kind::stack:
        return group_on_stack(word);
    case root_kind::registers:
        return group({word.kind, word.of, 0}, [&] {
            return root_group{word.kind, fmt::format("registers of {}", thread_text(word.of)), "", 0, 0};
        });
    case root_kind::epoll:
        return group({word.kind, word.of, 0}, [&] {
            return root_group{word.kind, fmt::format("what epoll {} remembers for the program", word.of), "", 0, 0};
        });
    case root_kind::krait:
        return group({word.kind, 0, 0}, [&] { return root_group{word.kind, "krait itself", "", 0, 0}; });
    case root_kind::thread_local_storage:
    case root_kind::memory:
        break;
    }
    return group_in_memory(word);
}

std::size_t root_groups::group_of_variable(const root_word& word) {
    if (const data_symbol* const variable = names_.variable_at(word.at))
        return group({word.kind, 0, variable->start}, [&] {
            return root_group{word.kind,
                              fmt::format("global `{}` in {}", variable_text(variable->name), variable->object), "",
                              variable->start, variable->end - variable->start};
        });
    // Without a name each word stands for a variable.
    const mapping* of = &map_.all()[word.of];
    while (!of->is_file() && map_.before(*of) != nullptr) of = map_.before(*of);
    const std::string object = std::filesystem::path(of->path).filename();
    return group({word.kind, 1, word.at}, [&] {
        return root_group{word.kind, fmt::format("data of {} at +{:#x}", object, word.at - of->start + of->offset), "",
                          word.at, 8};
    });
}

const std::vector<stack_frame>& root_groups::frames_of(std::size_t thread) {
    if (!has_frames_[thread]) frames_[thread] = names_.frames_of(threads_[thread].registers);
    has_frames_[thread] = true;
    return frames_[thread];
}

std::string root_groups::thread_text(std::size_t thread) const {
    const stopped_thread& of = threads_[thread];
    return thread == 0 ? fmt::format("the main thread ({})", of.name) : fmt::format("thread {}", of.name);
}

const stopped_thread* root_groups::thread_with_storage_at(foreign_address address) const noexcept {
    const auto found = std::find_if(threads_.begin(), threads_.end(), [&](const stopped_thread& each) {
        const foreign_address pointer = each.registers.thread_pointer;
        return pointer != 0 && address + thread_bytes_ >= pointer && address < pointer + bytes_of_thread_record;
    });
    return found == threads_.end() ? nullptr : &*found;
}

std::size_t root_groups::group_in_memory(const root_word& word) {
    if (const stopped_thread* const thread = thread_with_storage_at(word.at)) {
        const auto number = static_cast<std::size_t>(thread - threads_.data());
        const data_symbol* const variable = names_.thread_variable_at(word.at, thread->registers.thread_pointer);
        const std::uint64_t which = variable != nullptr ? variable->start + 1 : 0;
        return group({root_kind::thread_local_storage, number, which}, [&] {
            const std::string name = variable != nullptr
                                         ? fmt::format("thread-local `{}`", variable_text(variable->name))
                                         : std::string("thread-local storage");
            return root_group{root_kind::thread_local_storage, fmt::format("{} of {}", name, thread_text(number)), "",
                              0, 0};
        });
    }
    const std::size_t of = word.kind == root_kind::memory ? word.of : map_.all().size() + word.of;
    return group({root_kind::memory, of, 0}, [&] {
        const mapping* const mapped = map_.at(word.at);
        const std::string what = mapped == nullptr || mapped->path.empty() ? "memory" : mapped->path;
        return root_group{root_kind::memory,
                          fmt::format("{} that the program mapped ({})", what,
                                      bytes_text(mapped != nullptr ? static_cast<double>(mapped->bytes()) : 0)),
                          "", 0, 0};
    });
}

std::size_t root_groups::group_on_stack(const root_word& word) {
    // The last frames are those that started the thread: what is behind them is no frame's.
    constexpr std::uint64_t most_of_last_frame = 512;
    const foreign_address pointer = threads_[word.of].registers.thread_pointer;
    const std::vector<stack_frame>& frames = frames_of(word.of);
    const bool is_behind_frames = !frames.empty() && word.at > frames.back().low + most_of_last_frame;
    if (is_behind_frames && word.at + thread_bytes_ >= pointer && word.at < pointer + bytes_of_thread_record)
        return group_in_memory(word);
    const auto above = std::upper_bound(frames.begin(), frames.end(), word.at,
                                        [](foreign_address at, const stack_frame& each) { return at < each.low; });
    const auto frame = above == frames.begin() ? above : above - 1;
    // Where a stack cannot be followed to its start, nobody knows whose the rest is.
    const bool is_last = frame != frames.end() && frame + 1 == frames.end();
    constexpr std::uint64_t most_of_frame = 4096;
    if (frame == frames.end() || frames.empty() || (is_last && word.at > frame->low + most_of_frame))
        return group({word.kind, word.of, 0}, [&] {
            return root_group{word.kind, fmt::format("stack of {}", thread_text(word.of)), "", 0, 0};
        });
    return group({word.kind, word.of, static_cast<std::uint64_t>(frame - frames.begin()) + 1}, [&] {
        const process_names::code_name& code = names_.code_at(frame->pc);
        return root_group{word.kind,
                          fmt::format("a local of {} on the stack of {}", code.function, thread_text(word.of)),
                          code.where, 0, 0};
    });
}

} // namespace krait::tools
