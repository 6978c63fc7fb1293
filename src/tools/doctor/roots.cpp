#include "doctor/roots.hpp"

#include "core/large_cache.hpp"
#include "proc_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace krait::tools {

namespace {

constexpr std::uint64_t red_zone = 128;

bool is_of_kernel(const mapping& of) {
    return of.path == "[vvar]" || of.path == "[vdso]" || of.path == "[vsyscall]" || of.path == "[vvar_vclock]";
}

// Shared memory that is no file of a disk.
bool is_shared_memory(const mapping& of) {
    return of.path.empty() || of.path.starts_with("/dev/zero") || of.path.starts_with("/memfd:") ||
           of.path.starts_with("/dev/shm/") || of.path.starts_with("/SYSV") || of.path.starts_with("[anon_shmem");
}

} // namespace

roots::roots(const picture_memory& memory, const address_map& map, const heap_blocks& blocks,
             const std::vector<stopped_thread>& threads, const std::vector<picture_memory::span>& recorders,
             const std::string& library, bool knows_all_threads)
    : memory_(memory), map_(map), blocks_(blocks), threads_(threads), library_(library),
      knows_all_threads_(knows_all_threads), covered_(blocks.covered()) {
    covered_.insert(covered_.end(), recorders.begin(), recorders.end());
    std::sort(covered_.begin(), covered_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    for (std::size_t i = 0; i < map.all().size(); ++i) add_mapping(map.all()[i], i);
}

const stopped_thread* roots::thread_with_stack_in(const mapping& of) const noexcept {
    const auto found = std::find_if(threads_.begin(), threads_.end(), [&of](const stopped_thread& each) {
        return each.registers.is_known && of.has(each.registers.stack_pointer);
    });
    return found == threads_.end() ? nullptr : &*found;
}

void roots::add_mapping(const mapping& of, std::size_t index) {
    if (!of.is_readable || is_of_kernel(of)) return;
    if (of.is_shared) {
        if (of.is_writable && is_shared_memory(of)) add(root_kind::memory, of.start, of.end, index);
        if (!ranges_.empty() && ranges_.back().start >= of.start) ranges_.back().is_shared = true;
        return;
    }
    if (of.is_file()) {
        if (of.is_writable && of.path != library_) add(root_kind::data, of.start, of.end, index);
        return;
    }
    // .bss goes on behind .data, in a mapping without a name.
    const mapping* const before = map_.before(of);
    if (of.path.empty() && of.is_writable && before != nullptr && before->end == of.start && before->is_file() &&
        before->is_writable) {
        if (before->path != library_) add(root_kind::data, of.start, of.end, index);
        return;
    }
    const stopped_thread* const thread = of.is_writable ? thread_with_stack_in(of) : nullptr;
    const foreign_address ended = thread == nullptr && knows_all_threads_ ? record_of_ended_thread(of) : 0;
    constexpr foreign_address table_at = 8, pointer_bytes = 8;
    if (ended != 0) return add(root_kind::memory, ended + table_at, ended + table_at + pointer_bytes, index);
    if (thread == nullptr) return add(root_kind::memory, of.start, of.end, index);
    const auto number = static_cast<std::size_t>(thread - threads_.data());
    const thread_registers& registers = thread->registers;
    const bool has_guard = before != nullptr && before->end == of.start && !before->is_readable;
    const bool is_whole_stack = of.path == "[stack]" || (has_guard && of.has(registers.thread_pointer) &&
                                                         registers.thread_pointer > registers.stack_pointer);
    if (!is_whole_stack)
        add(root_kind::memory, of.start, std::max(of.start, registers.stack_pointer - red_zone), index);
    add(root_kind::stack, std::max(of.start, registers.stack_pointer - red_zone), of.end, number);
}

// At its end is the record of a thread, which points to itself in two words, and no thread has it. 0: it is no such
// stack.
foreign_address roots::record_of_ended_thread(const mapping& of) const {
#if defined(__x86_64__)
    constexpr std::uint64_t least_record = 0x700, most_record = 0x2000, alignment = 64;
    const mapping* const before = map_.before(of);
    if (!of.path.empty() || !of.is_writable || of.bytes() < 2 * most_record) return 0;
    if (before == nullptr || before->end != of.start || before->is_readable) return 0; // no guard page
    for (foreign_address at = of.end - least_record; at > of.end - most_record; at -= alignment) {
        if (memory_.word(at) != at || memory_.word(at + 16) != at) continue;
        const bool has_thread = std::any_of(threads_.begin(), threads_.end(), [at](const stopped_thread& each) {
            return each.registers.thread_pointer == at;
        });
        return has_thread ? 0 : at;
    }
#else
    static_cast<void>(of);
#endif
    return 0;
}

// Less what is covered.
void roots::add(root_kind kind, foreign_address start, foreign_address end, std::size_t of) {
    for (const auto& each : covered_) {
        if (each.start >= end) break;
        if (each.end <= start) continue;
        if (each.start > start) ranges_.push_back({kind, start, each.start, of});
        start = each.end;
        if (start >= end) return;
    }
    if (start < end) ranges_.push_back({kind, start, end, of});
}

void roots::add_epoll(pid_t process) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process), none)) {
        if (std::filesystem::read_symlink(entry.path(), none) != "anon_inode:[eventpoll]") continue;
        const std::string number = entry.path().filename();
        const std::string info = read_proc_file(fmt::format("/proc/{}/fdinfo/{}", process, number)).value_or("");
        std::istringstream lines(info);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string name, events_name, events, data_name, data;
            int file = 0;
            if (!(words >> name >> file >> events_name >> events >> data_name >> data) || name != "tfd:") continue;
            remembered_.push_back({std::atoi(number.c_str()), file, std::strtoull(data.c_str(), nullptr, 16)});
        }
    }
}

// The table of a thread's large cache. Other words of the records lead to free blocks, or to a block of the program's
// that a realloc moved.
void roots::add_words_of_krait(std::vector<root_word>& to, bool are_read) const {
    constexpr std::uint64_t table_bytes = 32 * large_cache::band_count, rounding = 32;
    for (const auto& each : blocks_.records()) {
        std::vector<std::uint64_t> content((each.end - each.start) / sizeof(std::uint64_t));
        memory_.read(each.start, content.data(), content.size() * sizeof content[0]);
        for (const std::uint64_t word : content) {
            const slot_id slot = are_read ? blocks_.live_at(word) : blocks_.slot_at(word);
            if (slot == no_slot || slot < blocks_.first_of_system()) continue;
            const heap_block block = blocks_[slot];
            if (block.start == word && block.size - table_bytes < rounding)
                to.push_back({root_kind::krait, 0, each.start, slot});
        }
    }
}

// glibc's FILE: its magic number, six pointers into the buffer or to nothing, the buffer's start and its end.
std::vector<slot_id> roots::buffers_of_streams() const {
    constexpr std::uint64_t magic = 0xfbad0000, flags = 0xffff;
    constexpr std::size_t start_at = 7, end_at = 8;
    std::vector<slot_id> found;
    std::vector<std::uint64_t> content;
    for (const root_range& range : ranges_) {
        if (range.kind != root_kind::data) continue;
        content.resize((range.end - range.start) / sizeof content[0]);
        memory_.read(range.start, content.data(), content.size() * sizeof content[0]);
        for (std::size_t i = 0; i + end_at < content.size(); ++i) {
            if ((content[i] & ~flags) != magic) continue;
            const std::uint64_t start = content[i + start_at], end = content[i + end_at];
            const auto is_inside = [&](std::uint64_t word) { return word == 0 || (word >= start && word <= end); };
            const auto first = content.begin() + static_cast<std::ptrdiff_t>(i) + 1;
            const slot_id slot = blocks_.slot_at(start);
            if (start < end && slot != no_slot && std::all_of(first, first + start_at, is_inside))
                found.push_back(slot);
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::vector<root_word> roots::words(const exact_objects& objects, bool are_read) const {
    const auto block_at = [&](std::uint64_t word) { return are_read ? blocks_.live_at(word) : blocks_.slot_at(word); };
    std::vector<root_word> found;
    std::vector<std::uint64_t> content(std::size_t{1} << 17);
    for (const root_range& range : ranges_) {
        for (const auto& span : memory_.present(range.start & ~foreign_address{4095}, range.end, range.is_shared)) {
            const foreign_address end = std::min(span.end, range.end) & ~foreign_address{7};
            for (foreign_address at = (std::max(span.start, range.start) + 7) & ~foreign_address{7}; at < end;) {
                const std::size_t size = std::min<std::uint64_t>(end - at, content.size() * sizeof content[0]);
                memory_.read(at, content.data(), size);
                for (std::size_t i = 0; i < size / sizeof content[0]; ++i)
                    if (const slot_id to = block_at(content[i]);
                        to != no_slot && !blocks_.is_end_of_vector(content.data(), i, to))
                        if (const foreign_address word = at + i * sizeof content[0]; objects.is_root(word, to))
                            found.push_back({range.kind, range.of, word, to});
                at += size;
            }
        }
    }
    for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
        const std::vector<std::uint64_t>& words = threads_[thread].registers.words;
        for (std::size_t i = 0; i < words.size(); ++i)
            if (const slot_id to = block_at(words[i]); to != no_slot && objects.is_root(0, to))
                found.push_back({root_kind::registers, thread, i, to});
    }
    for (const remembered& each : remembered_)
        if (const slot_id to = block_at(each.data); to != no_slot && objects.is_root(0, to))
            found.push_back(
                {root_kind::epoll, static_cast<std::size_t>(each.epoll), static_cast<foreign_address>(each.file), to});
    add_words_of_krait(found, are_read);
    return found;
}

} // namespace krait::tools
