// Call frame information as the DWARF standard (6.4) and the Linux Standard Base (.eh_frame, .eh_frame_hdr) have it.
//
//   read_unwind_rule ─► os::code_object_at   whose code is it
//                    ─► description_of       .eh_frame_hdr: a sorted table, searched by halves ─► the function's FDE
//                    ─► frame_program        the CIE's instructions, then the FDE's up to the address
#include "trace/unwind_rules.hpp"

#include "os/code_object.hpp"

#include <cstring>

namespace krait::trace {

namespace {

using byte_pointer = const unsigned char*;

// x86-64's numbers (System V ABI, figure 3.36).
constexpr unsigned bp_register = 6, sp_register = 7, return_register = 16;

template <class Number>
Number take(byte_pointer& at) noexcept {
    Number number;
    std::memcpy(&number, at, sizeof number);
    at += sizeof number;
    return number;
}

// A number in groups of 7 bits, the lowest first, each but the last with a bit above them.
struct groups_of_bits {
    std::uint64_t number;
    unsigned bits; // of the groups
};
groups_of_bits take_groups(byte_pointer& at) noexcept {
    groups_of_bits taken{0, 0};
    unsigned char next;
    do {
        next = *at++;
        if (taken.bits < 64) taken.number |= std::uint64_t{next & 0x7fU} << taken.bits;
        taken.bits += 7;
    } while ((next & 0x80) != 0);
    return taken;
}

std::uint64_t take_unsigned(byte_pointer& at) noexcept { return take_groups(at).number; }

std::int64_t take_signed(byte_pointer& at) noexcept {
    const auto [number, bits] = take_groups(at);
    const bool is_negative = bits < 64 && (number >> (bits - 1) & 1) != 0;
    return static_cast<std::int64_t>(is_negative ? number | ~std::uint64_t{0} << bits : number);
}

// DW_EH_PE_*: how an address is written. False for forms that no linker makes here.
bool take_encoded(byte_pointer& at, unsigned char encoding, std::uintptr_t& address) noexcept {
    const auto from = reinterpret_cast<std::uintptr_t>(at);
    switch (encoding & 0x0f) {
    case 0x00:
        address = take<std::uintptr_t>(at);
        break;
    case 0x02:
        address = take<std::uint16_t>(at);
        break;
    case 0x03:
        address = take<std::uint32_t>(at);
        break;
    case 0x04:
        address = take<std::uint64_t>(at);
        break;
    case 0x0a:
        address = static_cast<std::uintptr_t>(std::int64_t{take<std::int16_t>(at)});
        break;
    case 0x0b:
        address = static_cast<std::uintptr_t>(std::int64_t{take<std::int32_t>(at)});
        break;
    case 0x0c:
        address = static_cast<std::uintptr_t>(take<std::int64_t>(at));
        break;
    default:
        return false;
    }
    if ((encoding & 0x70) == 0x10) {
        address += from; // relative to its own place
    } else if ((encoding & 0x70) != 0) {
        return false;
    }
    return (encoding & 0x80) == 0; // not through a pointer
}

// What a CIE and an FDE say but for their instructions.
struct frame_description {
    std::uintptr_t begin = 0, length = 0; // of the code
    std::uint64_t code_factor = 1;
    std::int64_t data_factor = 1;
    byte_pointer first = nullptr, first_end = nullptr; // the CIE's instructions
    byte_pointer then = nullptr, then_end = nullptr;   // the FDE's
    bool is_of_signal = false;
};

bool read_cie(byte_pointer at, frame_description& d, unsigned char& encoding, bool& has_more) noexcept {
    const std::uint32_t length = take<std::uint32_t>(at);
    if (length == 0 || length == 0xffffffff) return false;
    d.first_end = at + length;
    if (take<std::uint32_t>(at) != 0) return false; // of a CIE
    const unsigned char version = *at++;
    if (version != 1 && version != 3) return false;
    const auto* const letters = reinterpret_cast<const char*>(at);
    at += std::strlen(letters) + 1;
    d.code_factor = take_unsigned(at);
    d.data_factor = take_signed(at);
    const std::uint64_t return_column = version == 1 ? *at++ : take_unsigned(at);
    if (return_column != return_register) return false;
    encoding = 0;
    has_more = letters[0] == 'z';
    if (!has_more) {
        d.first = at;
        return letters[0] == '\0';
    }
    const std::uint64_t more = take_unsigned(at);
    d.first = at + more;
    for (const char* letter = letters + 1; *letter != '\0'; ++letter) {
        std::uintptr_t unused;
        switch (*letter) {
        case 'R':
            encoding = *at++;
            break;
        case 'S':
            d.is_of_signal = true;
            break;
        case 'L':
            ++at;
            break;
        case 'P': {
            const unsigned char personality = *at++;
            if (!take_encoded(at, personality & 0x7f, unused)) return false;
            break;
        }
        default:
            return false;
        }
    }
    return true;
}

bool read_fde(byte_pointer at, frame_description& d) noexcept {
    const std::uint32_t length = take<std::uint32_t>(at);
    if (length == 0 || length == 0xffffffff) return false;
    d.then_end = at + length;
    const byte_pointer distance_at = at;
    const std::uint32_t distance = take<std::uint32_t>(at);
    unsigned char encoding;
    bool has_more;
    if (distance == 0 || !read_cie(distance_at - distance, d, encoding, has_more)) return false;
    if (!take_encoded(at, encoding, d.begin) || !take_encoded(at, encoding & 0x0f, d.length)) return false;
    if (has_more) {
        const std::uint64_t more = take_unsigned(at);
        at += more;
    }
    d.then = at;
    return true;
}

// The description of the function at an address, by the table in .eh_frame_hdr.
bool description_of(byte_pointer table, std::uintptr_t address, frame_description& found) noexcept {
    constexpr unsigned char relative_to_table_4 = 0x3b, omitted = 0xff;
    byte_pointer at = table;
    const unsigned char version = *at++, start_encoding = *at++, count_encoding = *at++, row_encoding = *at++;
    std::uintptr_t unused, count;
    if (version != 1 || count_encoding == omitted || row_encoding != relative_to_table_4) return false;
    if (!take_encoded(at, start_encoding, unused) || !take_encoded(at, count_encoding, count)) return false;
    struct row {
        std::int32_t code, description;
    };
    const auto row_at = [at](std::size_t i) noexcept {
        row read;
        std::memcpy(&read, at + i * sizeof(row), sizeof read);
        return read;
    };
    const auto wanted = static_cast<std::int64_t>(address - reinterpret_cast<std::uintptr_t>(table));
    std::size_t low = 0, high = count; // code of rows below low <= wanted, of those from high on > wanted
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (row_at(middle).code <= wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || !read_fde(table + row_at(low - 1).description, found)) return false;
    return address - found.begin < found.length;
}

// Runs the instructions of a description up to an address.
class frame_program {
  public:
    explicit frame_program(const frame_description& of, std::uintptr_t wanted) noexcept : d_(of), wanted_(wanted) {}

    unwind_rule result() noexcept {
        at_code_ = d_.begin;
        if (!run(d_.first, d_.first_end)) return {};
        initial_ = now_;
        if (!run(d_.then, d_.then_end)) return {};
        return as_rule(now_);
    }

  private:
    enum class cfa : std::uint8_t { none, sp, bp, word_at_bp, other };
    enum class saved : std::uint8_t { same, at_cfa, at_bp, other };
    struct state {
        cfa from = cfa::none;
        std::int64_t offset = 0;
        saved bp = saved::same;
        std::int64_t bp_offset = 0;
        bool has_caller = true; // the return address is the word below the CFA
    };

    static unwind_rule as_rule(const state& s) noexcept {
        using rule = unwind_rule;
        if (!s.has_caller || s.offset != static_cast<std::int32_t>(s.offset) ||
            s.bp_offset != static_cast<std::int16_t>(s.bp_offset) || s.bp == saved::other)
            return {};
        const rule::bp_from bp = s.bp == saved::same     ? rule::bp_from::same
                                 : s.bp == saved::at_cfa ? rule::bp_from::cfa
                                                         : rule::bp_from::bp;
        const auto with = [&](rule::cfa_from from) {
            return rule(from, static_cast<std::int32_t>(s.offset), bp, static_cast<std::int16_t>(s.bp_offset));
        };
        switch (s.from) {
        case cfa::sp:
            return with(rule::cfa_from::sp);
        case cfa::bp:
            return with(rule::cfa_from::bp);
        case cfa::word_at_bp:
            return with(rule::cfa_from::word_at_bp);
        default:
            return {};
        }
    }

    void set_cfa_register(std::uint64_t number) noexcept {
        now_.from = number == sp_register ? cfa::sp : number == bp_register ? cfa::bp : cfa::other;
    }

    void set_saved(std::uint64_t number, std::int64_t offset) noexcept {
        if (number == bp_register) {
            now_.bp = saved::at_cfa;
            now_.bp_offset = offset;
        } else if (number == return_register) {
            now_.has_caller = offset == -8;
        }
    }

    void set_elsewhere(std::uint64_t number) noexcept {
        if (number == bp_register) now_.bp = saved::other;
        if (number == return_register) now_.has_caller = false;
    }

    void restore(std::uint64_t number) noexcept {
        if (number == bp_register) {
            now_.bp = initial_.bp;
            now_.bp_offset = initial_.bp_offset;
        }
        if (number == return_register) now_.has_caller = initial_.has_caller;
    }

    // bp + n, alone or as the address of a word: what functions that align their stack have.
    static bool is_bp_based(byte_pointer at, std::uint64_t length, bool is_word, std::int64_t& offset) noexcept {
        constexpr unsigned char bp_plus = 0x76, word_at = 0x06; // DW_OP_breg6, DW_OP_deref
        const byte_pointer end = at + length;
        if (length < 2 || *at++ != bp_plus) return false;
        offset = take_signed(at);
        if (is_word && (at == end || *at++ != word_at)) return false;
        return at == end;
    }

    // Whether the wanted address lies before the new one.
    bool moves_beyond(std::uint64_t by) noexcept {
        at_code_ += by * d_.code_factor;
        return at_code_ > wanted_;
    }

    // False for an instruction that is not known.
    bool run(byte_pointer at, byte_pointer end) noexcept {
        while (at < end) {
            const unsigned char op = *at++;
            const unsigned char low = op & 0x3f;
            switch (op >> 6) {
            case 1: // advance_loc
                if (moves_beyond(low)) return true;
                continue;
            case 2:
                set_saved(low, static_cast<std::int64_t>(take_unsigned(at)) * d_.data_factor);
                continue;
            case 3:
                restore(low);
                continue;
            default:
                break;
            }
            switch (op) {
            case 0x00:
                break; // nop
            case 0x02:
                if (moves_beyond(take<std::uint8_t>(at))) return true;
                break;
            case 0x03:
                if (moves_beyond(take<std::uint16_t>(at))) return true;
                break;
            case 0x04:
                if (moves_beyond(take<std::uint32_t>(at))) return true;
                break;
            case 0x05: { // offset_extended
                const std::uint64_t number = take_unsigned(at);
                set_saved(number, static_cast<std::int64_t>(take_unsigned(at)) * d_.data_factor);
                break;
            }
            case 0x11: { // offset_extended_sf
                const std::uint64_t number = take_unsigned(at);
                set_saved(number, take_signed(at) * d_.data_factor);
                break;
            }
            case 0x06:
                restore(take_unsigned(at));
                break;
            case 0x07:
                set_elsewhere(take_unsigned(at));
                break;   // undefined
            case 0x08: { // same_value
                const std::uint64_t number = take_unsigned(at);
                if (number == bp_register) now_.bp = saved::same;
                break;
            }
            case 0x09: { // register
                set_elsewhere(take_unsigned(at));
                take_unsigned(at);
                break;
            }
            case 0x0a: // remember_state
                if (depth_ == remembered_.size()) return false;
                remembered_[depth_++] = now_;
                break;
            case 0x0b: // restore_state
                if (depth_ == 0) return false;
                now_ = remembered_[--depth_];
                break;
            case 0x0c: // def_cfa
                set_cfa_register(take_unsigned(at));
                now_.offset = static_cast<std::int64_t>(take_unsigned(at));
                break;
            case 0x12: // def_cfa_sf
                set_cfa_register(take_unsigned(at));
                now_.offset = take_signed(at) * d_.data_factor;
                break;
            case 0x0d:
                set_cfa_register(take_unsigned(at));
                break;
            case 0x0e:
                now_.offset = static_cast<std::int64_t>(take_unsigned(at));
                break;
            case 0x13:
                now_.offset = take_signed(at) * d_.data_factor;
                break;
            case 0x0f: { // def_cfa_expression
                const std::uint64_t length = take_unsigned(at);
                now_.from = is_bp_based(at, length, true, now_.offset) ? cfa::word_at_bp : cfa::other;
                at += length;
                break;
            }
            case 0x10: { // expression: the word there
                const std::uint64_t number = take_unsigned(at);
                const std::uint64_t length = take_unsigned(at);
                set_elsewhere(number);
                if (number == bp_register && is_bp_based(at, length, false, now_.bp_offset)) now_.bp = saved::at_bp;
                at += length;
                break;
            }
            case 0x14: // val_offset
            case 0x15: // val_offset_sf
                set_elsewhere(take_unsigned(at));
                take_unsigned(at);
                break;
            case 0x16: { // val_expression
                set_elsewhere(take_unsigned(at));
                const std::uint64_t length = take_unsigned(at);
                at += length;
                break;
            }
            case 0x2e:
                take_unsigned(at);
                break; // GNU_args_size
            default:
                return false;
            }
        }
        return true;
    }

    const frame_description& d_;
    std::uintptr_t wanted_;
    std::uintptr_t at_code_ = 0;
    state now_, initial_;
    std::array<state, 8> remembered_;
    std::size_t depth_ = 0;
};

} // namespace

unwind_rule read_unwind_rule(std::uintptr_t address) noexcept {
    const os::code_object object = os::code_object_at(address);
    frame_description found;
    if (object.unwind_table == nullptr || !description_of(object.unwind_table, address, found)) return {};
    if (found.is_of_signal) return {unwind_rule::cfa_from::signal, 0, unwind_rule::bp_from::same, 0};
    return frame_program(found, address).result();
}

bool unwind_rules::open(bool frame_pointers_only) noexcept {
#ifdef __x86_64__
    frame_pointers_only_ = frame_pointers_only;
#else
    frame_pointers_only_ = true;
#endif
    entries_ = static_cast<entry*>(os::map_anywhere(slots * sizeof(entry)));
    return entries_ != nullptr;
}

unwind_rule unwind_rules::read(std::uintptr_t pc) const noexcept {
    if (on_new_code != nullptr) on_new_code(pc);
    return frame_pointers_only_ ? unwind_rule::of_frame_pointers() : read_unwind_rule(pc - 1);
}

// Where another thread puts the same address in, either's rule is the same.
unwind_rule unwind_rules::find(std::uintptr_t pc, std::size_t slot) noexcept {
    for (std::size_t probe = 0; probe < longest_probe; ++probe) {
        entry& there = entries_[(slot + probe) % slots];
        std::uintptr_t holder = there.pc.load(std::memory_order_acquire);
        const bool is_free = holder == 0 || holder == no_code;
        const bool is_taken = is_free && there.pc.compare_exchange_strong(holder, pc, std::memory_order_acq_rel);
        if (!is_taken && holder != pc) continue;
        const std::uint64_t known = there.rule.load(std::memory_order_relaxed);
        if (known != 0) return unpacked(known);
        const unwind_rule fresh = read(pc);
        there.rule.store(__builtin_bit_cast(std::uint64_t, fresh) | is_set, std::memory_order_relaxed);
        return fresh;
    }
    return read(pc);
}

void unwind_rules::retire(std::uintptr_t begin, std::uintptr_t end) noexcept {
    for (std::size_t slot = 0; slot < slots; ++slot) {
        entry& there = entries_[slot];
        if (there.pc.load(std::memory_order_relaxed) - 1 - begin < end - begin) {
            there.rule.store(0, std::memory_order_relaxed);
            there.pc.store(no_code, std::memory_order_release);
        }
    }
}

} // namespace krait::trace
