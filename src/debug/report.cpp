#include "debug/report.hpp"

#include "base/check.hpp"
#include "core/process.hpp"
#include "debug/last_words.hpp"
#include "debug/session.hpp"
#include "debug/stacks.hpp"
#include "os/clock.hpp"
#include "os/memory.hpp"
#include "os/readable.hpp"
#include "os/single_threaded.hpp"
#include "os/thread.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace krait::debug {

namespace {

using state = block_map::state;

std::string_view name_of(letter api) noexcept {
    switch (api) {
    case letter::of_malloc:
        return "malloc";
    case letter::of_new:
        return "operator new";
    case letter::of_new_array:
        return "operator new[]";
    case letter::of_aligned_new:
        return "aligned operator new";
    case letter::of_aligned_new_array:
        return "aligned operator new[]";
    }
    return "nobody";
}

void write_byte(text& out, unsigned char byte) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    out << digits[byte >> 4] << digits[byte & 15];
}

void write_bytes(text& out, const unsigned char* bytes, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        out << ' ';
        write_byte(out, bytes[i]);
    }
}

// The bytes of one side, and each that is not 0xfd by its place. `sign` and `from` say where the first one is.
void write_pad(text& out, std::string_view where, const unsigned char* bytes, std::size_t count, char sign,
               std::size_t from) noexcept {
    const auto place_of = [&](std::size_t i) { return std::uint64_t{sign == '-' ? from - i : from + i}; };
    out << "    " << std::uint64_t{count} << " bytes " << where << ", at p" << sign << place_of(0) << ':';
    write_bytes(out, bytes, count);
    const auto is_wrong = [](unsigned char byte) { return byte != forbidden_byte; };
    if (std::none_of(bytes, bytes + count, is_wrong)) {
        out << ", as they should be\n";
        return;
    }
    out << ", but all should be fd\n";
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_wrong(bytes[i])) continue;
        out << "        p" << sign << place_of(i) << " is ";
        write_byte(out, bytes[i]);
        out << '\n';
    }
}

void write_data(text& out, block of, const shape& is) noexcept {
    constexpr std::size_t shown = 8;
    out << "    data at p:";
    write_bytes(out, of.start(), std::min(is.size, 2 * shown));
    if (is.size > 2 * shown) {
        out << (is.size > 3 * shown ? " .." : "");
        const std::size_t rest = std::min(is.size - 2 * shown, shown);
        write_bytes(out, of.start() + is.size - rest, rest);
    }
    out << '\n';
}

// Where a freed block was written to: the first such byte.
void write_first_written(text& out, block freed, const shape& is) noexcept {
    for (std::size_t i = 0; i < is.size; ++i) {
        if (i == most_filled / 2 && is.size > most_filled) i = is.size - most_filled / 2;
        if (freed.start()[i] == dead_byte) continue;
        out << "    byte p+" << std::uint64_t{i} << " is ";
        write_byte(out, freed.start()[i]);
        out << ", but all of a freed block should be dd\n";
        return;
    }
}

// Whether a head says what its block is. One that was written to may name any size: it counts where it stands there
// twice, or where it leads to a tail.
bool knows_shape(block of, shape& is) noexcept {
    if (!of.read_shape(is)) return false;
    if (of.size_before() == is.size) return true;
    const std::uintptr_t tail = of.address() + is.size;
    return os::is_readable(tail) && os::is_readable(tail + tail_bytes - 1) && of.is_tail_whole(is);
}

// A block's number; a question mark where that was written over.
void write_number(text& out, block of, const shape& is) noexcept {
    const std::uint64_t serial = of.serial(is);
    if (serial - 1 < the_session.serial.load(std::memory_order_relaxed)) {
        out << serial;
    } else {
        out << '?';
    }
}

void write_thread(text& out) noexcept { out << ", thread " << std::uint64_t{os::this_thread_id()} << '\n'; }

// The size is that of a head that was written to where nothing better is left.
void write_block(text& out, block of, bool has_shape, const shape& is, bool is_freed) noexcept {
    if (has_shape && block::is_letter(of.api())) {
        out << "    API '" << static_cast<char>(of.api()) << "', " << name_of(of.api()) << '\n';
    } else {
        out << "    the letter of its API was written to: it is";
        write_bytes(out, of.pad_before() - 1, 1);
        out << '\n';
    }
    if (of.size_before() != is.size || !has_shape) {
        out << "    the size before the block was written to: it says ";
        out.hex(of.size_before());
        out << '\n';
    }
    write_pad(out, "before it", of.pad_before(), pad_before_bytes, '-', pad_before_bytes);
    if (!has_shape) {
        out << "    its size and what follows are not known any more, as more than that was written over\n";
        return;
    }
    write_pad(out, "behind it", of.pad_behind(is), pad_behind_bytes, '+', is.size);
    if (is_freed) write_first_written(out, of, is);
    write_data(out, of, is);
    out << "    made as block ";
    write_number(out, of, is);
    out << " by\n";
    write_stack(out, of.made_by());
    if (!is_freed) return;
    out << "    freed by\n";
    write_stack(out, of.freed_by());
}

// "krait: WHAT, found by FINDER: address 0x..., N bytes of malloc, block 7, thread 12".
void write_first_line(text& out, std::string_view what, std::string_view of_what, std::string_view finder, block of,
                      bool has_shape, const shape& is) noexcept {
    out << "krait: " << what << of_what;
    if (!finder.empty()) out << ", found by " << finder;
    out << ": address ";
    out.hex(of.address());
    if (has_shape) {
        out << ", " << std::uint64_t{is.size} << " bytes";
        if (block::is_letter(of.api())) out << " of " << name_of(of.api());
        out << ", block ";
        write_number(out, of, is);
    }
    write_thread(out);
}

std::string_view description(fault what, state is) noexcept {
    if (what == fault::within) return "freed block written to";
    if (what == fault::before)
        return is == state::held ? "freed block written to before its start" : "block written to before its start";
    return is == state::held ? "freed block written to behind its end" : "block written to behind its end";
}

// Where the request came from that found it.
[[noreturn, gnu::noinline]] void end_here() noexcept {
    {
        last_words words;
        words.out() << "    asked for by\n";
        write_stack(words.out(), stack_at(__builtin_frame_address(0)));
    }
    last_words::wait_until_written();
    std::abort();
}

template <class Write>
[[noreturn]] void end_with(Write write) noexcept {
    {
        last_words words;
        write(words.out());
    }
    end_here();
}

} // namespace

void report_fault(text& out, fault what, state is, block damaged, const shape& found, const char* finder) noexcept {
    shape again;
    const bool has_shape = knows_shape(damaged, again);
    write_first_line(out, description(what, is), "", finder, damaged, has_shape, found);
    write_block(out, damaged, has_shape, found, is == state::held);
}

void refuse_damaged(fault what, state is, block damaged, const shape& found, const char* finder) noexcept {
    end_with([&](text& out) { report_fault(out, what, is, damaged, found, finder); });
}

void refuse_letter(block wrong, const shape& found, const char* request) noexcept {
    end_with([&](text& out) {
        out << "krait: " << std::string_view(request) << " of a block of " << name_of(wrong.api()) << ": address ";
        out.hex(wrong.address());
        out << ", " << std::uint64_t{found.size} << " bytes, block ";
        write_number(out, wrong, found);
        write_thread(out);
        write_block(out, wrong, true, found, false);
    });
}

void refuse_size(block wrong, const shape& found, std::size_t named, const char* request) noexcept {
    end_with([&](text& out) {
        out << "krait: " << std::string_view(request) << " with size " << std::uint64_t{named} << " of a block of "
            << std::uint64_t{found.size} << " bytes: address ";
        out.hex(wrong.address());
        out << ", block ";
        write_number(out, wrong, found);
        write_thread(out);
        write_block(out, wrong, true, found, false);
    });
}

namespace {

// What a request of a freed block is called, by its name.
std::string_view freed_again(std::string_view request) noexcept { return request == "free" ? "double free" : request; }

// A block around the address, with its decorations.
bool is_around(block candidate, const shape& is, std::uintptr_t address) noexcept {
    return address - reinterpret_cast<std::uintptr_t>(candidate.base(is)) < block::whole_bytes(is);
}

void write_stranger(text& out, std::uintptr_t address, block around, const shape& is, state holds,
                    std::string_view request) noexcept {
    out << "krait: " << request << " of a pointer that is not the start of a block: address ";
    out.hex(address);
    out << ", ";
    if (address >= around.address()) {
        out << std::uint64_t{address - around.address()} << " bytes behind the start";
    } else {
        out << std::uint64_t{around.address() - address} << " bytes before the start";
    }
    out << " of a " << (holds == state::held ? "freed " : "") << "block of " << std::uint64_t{is.size} << " bytes";
    write_thread(out);
    out << "krait: that block: address ";
    out.hex(around.address());
    out << ", block ";
    write_number(out, around, is);
    out << '\n';
    write_block(out, around, true, is, holds == state::held);
}

// Whether a block that starts near the address, of that state, was said to be the one it points into. Visited, so that
// nobody takes the block away meanwhile.
bool tell_of_neighbour(std::uintptr_t start, std::uintptr_t address, const char* request) noexcept {
    bool is_told = false;
    the_session.visited.store(start, std::memory_order_seq_cst);
    for (const state is : {state::live, state::held}) {
        shape found;
        const block candidate(start);
        if (is_told || !the_session.blocks.has(is, start)) continue;
        const bool has_shape = knows_shape(candidate, found);
        if (start == address ? is != state::held : !has_shape || !is_around(candidate, found, address)) continue;
        is_told = true;
        last_words words;
        if (start == address) {
            const bool is_free = std::string_view(request) == "free";
            write_first_line(words.out(), freed_again(request), is_free ? "" : " of a freed block", "", candidate,
                             has_shape, found);
            write_block(words.out(), candidate, has_shape, found, true);
        } else {
            write_stranger(words.out(), address, candidate, found, is, request);
        }
    }
    the_session.visited.store(0, std::memory_order_seq_cst);
    return is_told;
}

// The end of a head stands before the address, which is no block by now: there was one. Reads the word before it, which
// nearly every allocator has for its own, and only within the page that the program may have.
bool has_remains(std::uintptr_t address) noexcept {
    if (address % 16 != 0 || address % os::page_size() == 0) return false;
    const block was(address);
    return block::is_letter(was.api()) && std::all_of(was.pad_before(), was.pad_before() + pad_before_bytes,
                                                      [](unsigned char byte) { return byte == forbidden_byte; });
}

// Another thread may have taken the block this very moment, and not yet put it into the quarantine.
void wait_for_quarantine(std::uintptr_t address) noexcept {
    constexpr int most_looks = 1000;
    if (os::is_single_threaded() || !has_remains(address)) return;
    for (int looks = 0; looks < most_looks && !the_session.blocks.has(state::held, address); ++looks) os::sleep_ms(1);
}

// Not where an arena was once: another may have mapped something there.
bool is_in_a_pool(const void* address) noexcept {
    return process::the_heap.owns(address) && process::the_heap.class_at(address) != 0;
}

} // namespace

void refuse_stranger(std::uintptr_t address, const char* request) noexcept {
    // Else the allocator behind krait would end the process without a word.
    const bool is_readable = os::is_readable(address);
    if (is_readable) wait_for_quarantine(address);
    bool is_told = false;
    {
        const os::signals_blocked until_done;
        const os::lock_guard guard(the_session.walking);
        // The block that it points into, or whose decorations it points into.
        const std::uintptr_t before = the_session.blocks.last_up_to(address);
        is_told = before != 0 && tell_of_neighbour(before, address, request);
        const std::uintptr_t behind = is_told ? 0 : the_session.blocks.last_up_to(address + least_room);
        if (behind > address) is_told = tell_of_neighbour(behind, address, request);
    }
    if (is_told) end_here();
    const bool was_block = is_readable && has_remains(address);
    if (is_readable && !was_block && !is_in_a_pool(reinterpret_cast<const void*>(address))) return;
    end_with([&](text& out) {
        out << "krait: " << (was_block ? freed_again(request) : request)
            << (was_block ? " of a block that is not kept any more" : " of what is no block") << ": address ";
        out.hex(address);
        write_thread(out);
    });
}

} // namespace krait::debug
