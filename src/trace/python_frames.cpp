#include "trace/python_frames.hpp"

#include "base/check.hpp"
#include "os/readable.hpp"
#include "os/thread_value.hpp"
#include "trace/format.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace krait::trace {

// On aarch64 a frame's record lies below its variables: whose a mark is would have to be told otherwise.
#ifdef __x86_64__
constexpr bool is_for_this_machine = true;
#else
constexpr bool is_for_this_machine = false;
#endif

void python_frames::look_at(const os::code_object& object) noexcept {
    if (!is_for_this_machine || is_there() || !object) return;
    const std::uintptr_t runtime = os::exported_symbol(object, "_PyRuntime");
    const std::uintptr_t version = os::exported_symbol(object, "Py_Version"); // from 3.11 on
    if (runtime == 0 || version == 0) return;
    const auto number = static_cast<std::uint32_t>(*reinterpret_cast<const unsigned long*>(version) >> 16);
    const auto* const layout = std::find_if(python_layouts.begin(), python_layouts.end(),
                                            [&](const python_layout& each) { return each.version == number; });
    if (layout == python_layouts.end() || is_claimed_.exchange(true)) return; // the first of several
    runtime_ = runtime;
    code_type_.store(os::exported_symbol(object, "PyCode_Type"), std::memory_order_relaxed);
    text_type_ = os::exported_symbol(object, "PyUnicode_Type");
    bytes_type_ = os::exported_symbol(object, "PyBytes_Type");
    layout_.store(&*layout, std::memory_order_release);
}

void python_frames::forget(std::uintptr_t begin, std::uintptr_t end) noexcept {
    if (runtime_ - begin >= end - begin) return;
    layout_.store(nullptr, std::memory_order_relaxed);
    code_type_.store(0, std::memory_order_relaxed);
    is_claimed_.store(false);
}

// One stack's reading of Python's memory. The offsets of its version are known to the compiler.
template <std::size_t Row>
class python_frames::reading {
  public:
    reading(python_frames& of, python_memo& memo, const stack_walk& walk) noexcept
        : of_(of), memo_(memo), walk_(walk), code_type_(of.code_type_.load(std::memory_order_relaxed)) {
        if (const std::uint32_t now = of.unmappings_.load(std::memory_order_relaxed); memo.unmappings != now) {
            memo.unmappings = now;
            memo.pages.fill(0);
        }
        if (const std::uint32_t now = of.freed_codes_.load(std::memory_order_relaxed); memo.freed_codes != now) {
            memo.freed_codes = now; // keys of places have it in them
            memo.count = 0;
        }
    }

    template <class T = std::uintptr_t>
    static T at(std::uintptr_t address) noexcept {
        T value;
        std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof value);
        return value;
    }

    [[gnu::always_inline]] bool can_read(std::uintptr_t address, std::size_t bytes) noexcept {
        if (KRAIT_UNLIKELY(address % sizeof(void*) != 0)) return false;
        const std::uintptr_t page = address / page_bytes;
        return KRAIT_LIKELY(page == last_page_ && (address + bytes - 1) / page_bytes == page) ||
               can_read_pages(page, (address + bytes - 1) / page_bytes);
    }

    // The thread's state: that which has the GIL, if it is this thread's (it may be of another interpreter than the
    // first); else the one that CPython keeps for the thread. 0 if it has none, or it cannot be trusted any more.
    std::uintptr_t state_of_thread() noexcept {
        if (at<std::int32_t>(of_.runtime_ + layout_.key_is_made) == 0) return 0;
        const std::uintptr_t with_lock = at(of_.runtime_ + layout_.current_state);
        std::uintptr_t state = 0;
        if (with_lock != 0 && is_own(with_lock)) {
            state = with_lock;
        } else {
            state =
                reinterpret_cast<std::uintptr_t>(os::value_of_thread(at<std::uint32_t>(of_.runtime_ + layout_.key)));
            if (state == 0 || !is_own(state)) return 0;
        }
        const std::uintptr_t ends = at(of_.runtime_ + layout_.finalizing);
        return ends == 0 || ends == state ? state : 0;
    }

    std::uintptr_t first_mark(std::uintptr_t state) const noexcept { return at(state + layout_.cframe); }
    std::uintptr_t mark_behind(std::uintptr_t mark) noexcept {
        const std::uintptr_t next = at(mark + layout_.previous_cframe);
        return next > mark && is_mark(next) ? next : 0;
    }
    // Most lie where the stack was walked, and the page that was read last stays that of Python's own frames.
    [[gnu::always_inline]] bool is_mark(std::uintptr_t mark) noexcept {
        return mark % sizeof(void*) == 0 &&
               (KRAIT_LIKELY(walk_.is_known(mark, layout_.cframe_bytes)) || can_read(mark, layout_.cframe_bytes));
    }

    // Puts the frames of a mark's run, innermost first; returns how many items there are by now.
    std::size_t put_run(std::uintptr_t mark, python_memo::item* items, std::size_t count, std::size_t most) noexcept {
        std::uintptr_t frame = at(mark + layout_.current_frame);
        while (count < most && can_read(frame, layout_.frame_bytes)) {
            const std::uintptr_t code = at(frame + layout_.code);
            if (code == 0) break;
            items[count++] = {frame, code, at(frame + layout_.instruction), 0};
            if (at<std::uint8_t>(frame + layout_.is_entry) != 0) break;
            frame = at(frame + layout_.previous);
        }
        return count;
    }

    // What stands for an item in a node: an address of code, or a place of Python's.
    std::uint64_t value_of(const python_memo::item& item) noexcept {
        return item.code == 0 ? item.at : place_of(item.code, item.at);
    }

  private:
    static constexpr std::uintptr_t page_bytes = 4096; // there are no smaller ones

    bool can_read_pages(std::uintptr_t page, std::uintptr_t last) noexcept {
        if (page == 0) return false; // no object lies there
        for (; page <= last; ++page) {
            std::uintptr_t& known = memo_.pages[page * 0x9e3779b97f4a7c15 >> python_memo::page_shift];
            if (KRAIT_UNLIKELY(known != page)) {
                if (!os::is_readable(page * page_bytes)) return false;
                known = page;
            }
        }
        last_page_ = last;
        return true;
    }

    bool is_own(std::uintptr_t state) noexcept {
        return can_read(state, layout_.state_bytes) && at(state + layout_.thread_id) == os::own_pthread();
    }

    bool is_of_type(std::uintptr_t object, std::uintptr_t type, std::size_t bytes) noexcept {
        return can_read(object, bytes) && at(object + layout_.type) == type;
    }

    std::uint64_t place_of(std::uintptr_t code, std::uintptr_t instruction) noexcept {
        if (!is_of_type(code, code_type_, layout_.instructions)) return code_flag; // of no known code
        const std::uintptr_t line_table = at(code + layout_.line_table);
        std::uint64_t key = (code ^ at(code + layout_.name)) * 0x9e3779b97f4a7c15;
        key = (key ^ key >> 29 ^ line_table ^ at<std::uint32_t>(code + layout_.first_line)) * 0xd6e8feb86659fd93;
        key = (key ^ key >> 31 ^ instruction ^ std::uint64_t{memo_.freed_codes} << 48) * 0x9e3779b97f4a7c15;
        python_memo::place& known = memo_.places[(key >> 50) % python_memo::place_slots];
        if (KRAIT_LIKELY(known.key == key)) return known.value;
        known.value = read_place(code, line_table, instruction);
        known.key = key;
        return known.value;
    }

    [[gnu::noinline]] std::uint64_t read_place(std::uintptr_t code, std::uintptr_t line_table,
                                               std::uintptr_t instruction) noexcept {
        constexpr std::size_t longest = 1024;
        std::array<char, longest> file, name;
        const std::string_view file_text = text_of(at(code + layout_.file), file);
        const std::string_view name_text = text_of(at(code + layout_.name), name);
        const auto first_line = at<std::uint32_t>(code + layout_.first_line);
        const std::uint64_t id = of_.codes.number_of(file_text, name_text, first_line);
        const std::uintptr_t from = code + layout_.instructions;
        const std::uint32_t line =
            instruction < from ? first_line : line_of(line_table, (instruction - from) / 2, first_line);
        return code_flag | id << 32 | line;
    }

    // In UTF-8, cut to fit; empty where it cannot be had.
    std::string_view text_of(std::uintptr_t text, std::array<char, 1024>& to) noexcept {
        if (!is_of_type(text, of_.text_type_, layout_.ascii_text)) return {};
        const auto state = at<std::uint32_t>(text + layout_.text_state);
        const unsigned width = state >> 2 & 7;
        const bool is_compact = (state >> 5 & 1) != 0, is_ascii = (state >> 6 & 1) != 0;
        if (!is_compact || (width != 1 && width != 2 && width != 4)) return {};
        const std::uintptr_t begin = text + (is_ascii ? layout_.ascii_text : layout_.other_text);
        const std::size_t length = std::min<std::size_t>(at(text + layout_.length), to.size());
        if (!can_read(begin, length * width)) return {};
        std::size_t used = 0;
        for (std::size_t i = 0; i < length && used + 4 <= to.size(); ++i) {
            const std::uintptr_t from = begin + i * width;
            const std::uint32_t c = width == 1   ? at<std::uint8_t>(from)
                                    : width == 2 ? at<std::uint16_t>(from)
                                                 : at<std::uint32_t>(from);
            used += put_utf8(c, to.data() + used);
        }
        return {to.data(), used};
    }

    static std::size_t put_utf8(std::uint32_t c, char* to) noexcept {
        const auto more = [c](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
        if (c == 0) c = '?'; // texts end with a zero here
        if (c < 0x80) {
            to[0] = static_cast<char>(c);
            return 1;
        }
        if (c < 0x800) {
            to[0] = static_cast<char>(0xc0 | c >> 6);
            to[1] = more(0);
            return 2;
        }
        if (c < 0x10000) {
            to[0] = static_cast<char>(0xe0 | c >> 12);
            to[1] = more(6);
            to[2] = more(0);
            return 3;
        }
        to[0] = static_cast<char>(0xf0 | (c >> 18 & 7));
        to[1] = more(12);
        to[2] = more(6);
        to[3] = more(0);
        return 4;
    }

    // The table (CPython's Objects/locations.md): for each stretch of instructions a byte with its top bit set, the
    // kind and the length - 1, then bytes without that bit; the line is that of the stretch before and a difference.
    std::uint32_t line_of(std::uintptr_t table, std::uintptr_t instruction, std::uint32_t first_line) noexcept {
        if (!is_of_type(table, of_.bytes_type_, layout_.bytes)) return first_line;
        const std::size_t size = at(table + layout_.size);
        constexpr std::size_t longest = std::size_t{1} << 20;
        if (size > longest || !can_read(table, layout_.bytes + size)) return first_line;
        const auto* next = reinterpret_cast<const std::uint8_t*>(table + layout_.bytes);
        const auto* const end = next + size;
        std::uint32_t line = first_line;
        std::uintptr_t behind = 0;
        while (next < end) {
            constexpr unsigned one_line = 10, with_two_lines = 12, without_columns = 13, any = 14, none = 15;
            const unsigned kind = *next >> 3 & 15;
            behind += (*next & 7U) + 1;
            const auto* const more = ++next;
            if (kind == without_columns || kind == any) {
                std::uint32_t number = 0;
                for (unsigned shift = 0; next < end && shift < 30; shift += 6) {
                    const std::uint8_t byte = *next++;
                    number |= std::uint32_t{byte & 0x3fU} << shift;
                    if ((byte & 0x40) == 0) break;
                }
                line += (number & 1) != 0 ? 0 - (number >> 1) : number >> 1;
            } else if (kind >= one_line && kind <= with_two_lines) {
                line += kind - one_line;
            }
            if (instruction < behind) return kind == none ? first_line : line;
            next = more;
            while (next < end && (*next & 0x80) == 0) ++next;
        }
        return line;
    }

    static constexpr const python_layout& layout_ = python_layouts[Row];

    python_frames& of_;
    python_memo& memo_;
    const stack_walk& walk_;
    std::uintptr_t last_page_ = 0; // that can be read
    std::uintptr_t code_type_;
};

// The stack's items, innermost first: how many there are; 0 if there is no Python in it.
template <std::size_t Row>
std::size_t python_frames::collect(reading<Row>& python, const stack_walk& walk, std::size_t most,
                                   python_memo::item* items) noexcept {
    const std::uintptr_t state = python.state_of_thread();
    if (state == 0) return 0;
    std::uintptr_t mark = python.first_mark(state);
    if (!python.is_mark(mark)) return 0;
    const auto frames = walk.frames();
    std::size_t count = 0;
    for (std::size_t i = 0; i < frames.size() && count < most; ++i) {
        // Where the walk came to an end before the stack does, what is left of Python's is outside of it.
        const bool is_last = i + 1 == frames.size();
        const std::uintptr_t end = !is_last ? frames[i + 1].sp : walk.is_whole() ? UINTPTR_MAX : frames[i].sp;
        const std::uintptr_t length = end - frames[i].sp;
        const std::size_t without = count;
        while (KRAIT_UNLIKELY(mark - frames[i].sp < length)) { // no mark is 0, which is below every frame
            count = python.put_run(mark, items, count, most);
            mark = python.mark_behind(mark);
        }
        if (count == without) items[count++] = {frames[i].sp, 0, frames[i].pc, 0};
    }
    return count;
}

template <std::size_t Row>
std::uint32_t python_frames::number_in(const stack_walk& walk, std::size_t most, python_memo& memo, intern_table& nodes,
                                       recent_numbers& numbers) noexcept {
    reading<Row> python(*this, memo, walk);
    python_memo::item* const items = memo.items[memo.newer].data();
    const python_memo::item* const before = memo.items[memo.newer ^ 1].data();
    const std::size_t count = collect(python, walk, std::min(most, python_memo::most_items), items);
    if (count == 0) return 0;
    std::size_t left = count, left_before = memo.count;
    std::uint32_t node = 0;
    while (left != 0 && left_before != 0 && items[left - 1].is_same(before[left_before - 1])) {
        node = before[--left_before].node;
        items[--left].node = node;
    }
    while (left != 0) {
        python_memo::item& item = items[--left];
        item.node = node = numbers.number_of(nodes, node, python.value_of(item));
    }
    memo.count = static_cast<std::uint32_t>(count);
    memo.newer ^= 1;
    return node;
}

std::uint32_t python_frames::number_of(const stack_walk& walk, std::size_t most, python_memo& memo, intern_table& nodes,
                                       recent_numbers& numbers) noexcept {
    static_assert(python_layouts.size() == 1, "a row more is a case more here");
    return number_in<0>(walk, most, memo, nodes, numbers);
}

} // namespace krait::trace
