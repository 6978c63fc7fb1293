// The methods of str and bytes.
#pragma once

#include <algorithm>
#include <cstdio>
#include <limits>

#include <krait/object/value/impl/format.hpp>
#include <krait/object/value/impl/methods.hpp>
#include <krait/object/value/impl/text.hpp>

namespace krait::detail {

// Another str for a str, another bytes for a bytes. Throws type_error.
inline text other_text(const object& self, const object& o, const char* none = "") {
    const bool is_bytes = self.kind() == value_kind::bytes;
    if (o.kind() == self.kind()) return text(o);
    if (is_bytes) throw type_error("a bytes-like object is required, not '" + type_name_of(o) + "'");
    throw type_error(std::string("must be str") + none + ", not " + type_name_of(o));
}
// What find and its like look for: of bytes also one byte as a number.
inline object sought(const object& self, const object& o) {
    if (self.kind() != value_kind::bytes || o.kind() == value_kind::bytes) return other_text(self, o), o;
    if (!is_int(o)) throw type_error("argument should be integer or bytes-like object, not '" + type_name_of(o) + "'");
    const std::int64_t byte = body<const int_body>(o)->is_short() ? word_of(o) : -1;
    if (byte < 0 || byte > 255) throw value_error("byte must be in range(0, 256)");
    const char c = static_cast<char>(byte);
    return bytes(std::string_view(&c, 1));
}
template <bool Last>
object find_text(const object& self, const object* a, const arguments&) {
    const part_of part(text(self).size, a[1], a[2]);
    const object what = sought(self, a[0]);
    const text t(self), w(what);
    if (!part.fits) return -1;
    const std::size_t at = Last ? t.rfind(w, part.begin, part.end) : t.find(w, part.begin, part.end);
    return at == text::npos ? object(-1) : object(static_cast<std::int64_t>(at));
}
template <bool Last>
object index_text(const object& self, const object* a, const arguments& all) {
    const object at = find_text<Last>(self, a, all);
    if (word_of(at) < 0)
        throw value_error(self.kind() == value_kind::bytes ? "subsection not found" : "substring not found");
    return at;
}
inline object count_text(const object& self, const object* a, const arguments&) {
    const part_of part(text(self).size, a[1], a[2]);
    const object what = sought(self, a[0]);
    const text t(self), w(what);
    if (!part.fits) return 0;
    if (w.size == 0) return static_cast<std::int64_t>(part.end - part.begin + 1);
    std::int64_t n = 0;
    for (std::size_t at = part.begin; (at = t.find(w, at, part.end)) != text::npos; at += w.size) ++n;
    return n;
}
template <bool End>
object has_affix(const object& self, const object* a, const arguments&) {
    const text t(self);
    const part_of part(t.size, a[1], a[2]);
    const char* const name = End ? "endswith" : "startswith";
    const bool is_bytes = t.is_bytes;
    const auto one = [&](const object& affix) {
        if (affix.kind() != self.kind()) {
            if (is_bytes && a[0].kind() == value_kind::tuple) (void)other_text(self, affix);
            if (a[0].kind() == value_kind::tuple)
                throw type_error(std::string("tuple for ") + name + " must only contain str, not " +
                                 type_name_of(affix));
            throw type_error(std::string(name) + " first arg must be " + (is_bytes ? "bytes" : "str") +
                             " or a tuple of " + (is_bytes ? "bytes" : "str") + ", not " + type_name_of(affix));
        }
        const text w(affix);
        if (!part.fits || part.end - part.begin < w.size) return false;
        return t.matches(End ? part.end - w.size : part.begin, w);
    };
    if (a[0].kind() != value_kind::tuple) return one(a[0]);
    for (const object& affix : tuple::of(a[0]))
        if (one(affix)) return true;
    return false;
}
template <bool End>
object remove_affix(const object& self, const object* a, const arguments&) {
    const text t(self);
    if (!t.is_bytes && a[0].kind() != value_kind::string)
        throw type_error(std::string(End ? "removesuffix" : "removeprefix") + "() argument must be str, not " +
                         what_is_given(a[0]));
    const text w = other_text(self, a[0]);
    if (t.size < w.size || !t.matches(End ? t.size - w.size : 0, w)) return self;
    return End ? t.piece(0, t.size - w.size) : t.piece(w.size, t.size);
}

// From the left by one character, what most texts are split by.
template <class C>
void split_by_character(list_body* parts, const text& t, const C* begin, C c, std::int64_t left) {
    const C* const all = begin;
    const C* const end = all + t.size;
    const auto add = [&](const C* to) {
        if (t.is_ascii && (begin != all || to != end))
            parts->append(string_of_ascii(t.data + (begin - all), static_cast<std::size_t>(to - begin)));
        else
            parts->append(t.piece(static_cast<std::size_t>(begin - all), static_cast<std::size_t>(to - all)));
    };
    for (const C* at; left-- > 0 && (at = find_character(begin, end, c)) != end; begin = at + 1) add(at);
    add(end);
}
// From the left or from the right, at most so many times.
template <bool Right>
object split_text(const object& self, const object* a, const arguments&) {
    const text t(self);
    const std::int64_t most = number_or(a[1], -1);
    std::int64_t left = most < 0 ? std::numeric_limits<std::int64_t>::max() : most;
    const list parts;
    body<list_body>(parts)->set_room(most < 0 || most > 11 ? 12 : most + 1);
    if (!is_given(a[0])) {
        const classes is{t.is_bytes};
        std::size_t begin = 0, end = t.size;
        while (left-- > 0 && begin < end) {
            if constexpr (Right) {
                while (end > begin && is.space(t.at(end - 1))) --end;
                std::size_t at = end;
                while (at > begin && !is.space(t.at(at - 1))) --at;
                if (at != end) parts.append(t.piece(at, end));
                end = at;
            } else {
                while (begin < end && is.space(t.at(begin))) ++begin;
                std::size_t at = begin;
                while (at < end && !is.space(t.at(at))) ++at;
                if (at != begin) parts.append(t.piece(begin, at));
                begin = at;
            }
        }
        if constexpr (Right)
            while (end > begin && is.space(t.at(end - 1))) --end;
        else
            while (begin < end && is.space(t.at(begin))) ++begin;
        if (begin < end) parts.append(t.piece(begin, end));
    } else {
        const text w = other_text(self, a[0], " or None");
        if (w.size == 0) throw value_error("empty separator");
        if (!t.is_bytes && (t.size < w.size || t.width < w.width)) return list{self};
        if (!Right && w.size == 1 && t.width >= w.width) {
            t.with_characters([&]<class C>(const C* all) {
                split_by_character(body<list_body>(parts), t, all, static_cast<C>(w.at(0)), left);
            });
            return parts;
        }
        std::size_t begin = 0, end = t.size;
        while (left-- > 0) {
            const std::size_t at = Right ? t.rfind(w, begin, end) : t.find(w, begin, end);
            if (at == text::npos) break;
            parts.append(Right ? t.piece(at + w.size, end) : t.piece(begin, at));
            (Right ? end : begin) = Right ? at : at + w.size;
        }
        parts.append(t.piece(begin, end));
    }
    if (Right) parts.reverse();
    return parts;
}
inline object split_lines(const object& self, const object* a, const arguments&) {
    const text t(self);
    const bool keep = short_number_or(a[0], 0) != 0;
    const classes is{t.is_bytes};
    const list lines;
    for (std::size_t begin = 0; begin < t.size;) {
        std::size_t end = begin;
        while (end < t.size && !is.ends_line(t.at(end))) ++end;
        std::size_t next = end;
        if (end < t.size) next += t.at(end) == '\r' && end + 1 < t.size && t.at(end + 1) == '\n' ? 2u : 1u;
        lines.append(t.piece(begin, keep ? next : end));
        begin = next;
    }
    return lines;
}
template <bool Last>
object partition_text(const object& self, const object* a, const arguments&) {
    const text t(self), w = other_text(self, a[0]);
    if (w.size == 0) throw value_error("empty separator");
    const std::size_t at = Last ? t.rfind(w, 0, t.size) : t.find(w, 0, t.size);
    const object nothing = t.is_bytes ? object(bytes()) : object(str());
    if (at == text::npos) return Last ? tuple{nothing, nothing, self} : tuple{self, nothing, nothing};
    return tuple{t.piece(0, at), a[0], t.piece(at + w.size, t.size)};
}
template <bool Left, bool Right>
object strip_text(const object& self, const object* a, const arguments&) {
    const text t(self);
    if (is_given(a[0]) && !t.is_bytes && a[0].kind() != value_kind::string)
        throw type_error(std::string(Left && Right ? "strip"
                                     : Left        ? "lstrip"
                                                   : "rstrip") +
                         " arg must be None or str");
    const classes is{t.is_bytes};
    const text stripped_of = is_given(a[0]) ? other_text(self, a[0]) : t;
    const auto goes = [&](std::uint32_t c) { return is_given(a[0]) ? stripped_of.has(c) : is.space(c); };
    std::size_t begin = 0, end = t.size;
    while (Left && begin < end && goes(t.at(begin))) ++begin;
    while (Right && end > begin && goes(t.at(end - 1))) --end;
    return t.piece(begin, end);
}
inline object replace_text(const object& self, const object* a, const arguments&) {
    const auto operand = [&](std::size_t i) {
        if (self.kind() == value_kind::string && a[i].kind() != value_kind::string)
            throw type_error("replace() argument " + std::to_string(i + 1) + " must be str, not " +
                             what_is_given(a[i]));
        return other_text(self, a[i]);
    };
    const text t(self), from = operand(0), to = operand(1);
    std::int64_t left = number_or(a[2], -1);
    if (left < 0) left = std::numeric_limits<std::int64_t>::max();
    text_builder out;
    std::size_t begin = 0, changes = 0;
    while (left-- > 0) {
        // An empty text is found before each character, and at the end.
        const std::size_t at =
            from.size == 0 ? (changes <= t.size ? changes : text::npos) : t.find(from, begin, t.size);
        if (at == text::npos) break;
        out.add(t, begin, at);
        out.add(to);
        begin = at + from.size;
        ++changes;
    }
    if (changes == 0) return self;
    out.add(t, begin, t.size);
    return out.made(t.is_bytes);
}
inline object join_texts(const object& self, const object* a, const arguments&) {
    const bool is_bytes = self.kind() == value_kind::bytes;
    if (a[0].kind() != value_kind::list && a[0].kind() != value_kind::tuple && !can_walk(a[0]))
        throw type_error("can only join an iterable");
    const list items = a[0].kind() == value_kind::list ? list::of(a[0]) : list_of(a[0]);
    if (!is_bytes) return static_cast<const str&>(self).join(items.view()); // a str adds nothing to an object
    std::string all;
    std::size_t n = 0;
    for (const object& item : items) {
        if (item.kind() != value_kind::bytes)
            throw type_error("sequence item " + std::to_string(n) + ": expected a bytes-like object, " +
                             type_name_of(item) + " found");
        if (n++ != 0) all += bytes(self).view();
        all += bytes(item).view();
    }
    return bytes(all);
}

// ---- cases and classes

using character_form = std::uint32_t (special_case::*)[3];

// The character in another case, which may be up to three.
inline void add_form(text_builder& out, const classes& is, std::uint32_t c, character_form form) {
    if (!is.ascii(c)) {
        const auto* const found =
            std::lower_bound(std::begin(special_cases), std::end(special_cases), c,
                             [](const special_case& s, std::uint32_t wanted) { return s.character < wanted; });
        if (found != std::end(special_cases) && found->character == c) {
            for (const std::uint32_t part : found->*form)
                if (part != 0) out.add(part);
            return;
        }
    }
    const bool capital = form == &special_case::upper || form == &special_case::title;
    out.add(capital ? is.to_upper(c) : is.to_lower(c));
}
// A capital sigma is small in another way where it ends a word.
inline bool ends_word(const text& t, std::size_t at) {
    const classes is{false};
    const auto decides = [&](std::size_t i) { return !is_between(ignorable_ends, t.at(i)); };
    std::size_t before = at, behind = at + 1;
    while (before > 0 && !decides(before - 1)) --before;
    while (behind < t.size && !decides(behind)) ++behind;
    return before > 0 && is.joins(t.at(before - 1)) && !(behind < t.size && is.joins(t.at(behind)));
}
inline void add_lower(text_builder& out, const text& t, std::size_t i) {
    constexpr std::uint32_t sigma = 0x3a3, small_sigma = 0x3c3, last_sigma = 0x3c2;
    if (t.at(i) == sigma && !t.is_bytes)
        out.add(ends_word(t, i) ? last_sigma : small_sigma);
    else
        add_form(out, classes{t.is_bytes}, t.at(i), &special_case::lower);
}

enum class text_case { lower, upper, swapped, title, capital };
template <text_case Case>
object change_case(const object& self, const object*, const arguments&) {
    const text t(self);
    const classes is{t.is_bytes};
    text_builder out;
    bool inside = false; // of a word; of capitals: not at the start
    for (std::size_t i = 0; i < t.size; ++i) {
        const std::uint32_t c = t.at(i);
        switch (Case) {
        case text_case::lower:
            add_lower(out, t, i);
            break;
        case text_case::upper:
            add_form(out, is, c, &special_case::upper);
            break;
        case text_case::swapped:
            if (is.upper(c))
                add_lower(out, t, i);
            else if (is.lower(c))
                add_form(out, is, c, &special_case::upper);
            else
                out.add(c);
            break;
        case text_case::title:
        case text_case::capital:
            if (inside)
                add_lower(out, t, i);
            else
                add_form(out, is, c, &special_case::title);
            inside = Case == text_case::capital || is.joins(c);
            break;
        }
    }
    return out.made(t.is_bytes);
}
inline object fold_case(const object& self, const object*, const arguments&) {
    const text t(self);
    text_builder out;
    for (std::size_t i = 0; i < t.size; ++i) add_form(out, classes{false}, t.at(i), &special_case::fold);
    return out.made(false);
}
template <bool (classes::*Is)(std::uint32_t) const noexcept>
object all_are(const object& self, const object*, const arguments&) {
    const text t(self);
    const classes is{t.is_bytes};
    for (std::size_t i = 0; i < t.size; ++i)
        if (!(is.*Is)(t.at(i))) return false;
    return t.size != 0;
}
// Some are cased, and none of them has the other case.
template <bool Upper>
object is_in_case(const object& self, const object*, const arguments&) {
    const text t(self);
    const classes is{t.is_bytes};
    bool any = false;
    for (std::size_t i = 0; i < t.size; ++i) {
        if ((Upper ? is.lower(t.at(i)) : is.upper(t.at(i))) || is.title(t.at(i))) return false;
        any |= is.cased(t.at(i));
    }
    return any;
}
inline object is_title(const object& self, const object*, const arguments&) {
    const text t(self);
    const classes is{t.is_bytes};
    bool any = false, inside = false;
    for (std::size_t i = 0; i < t.size; ++i) {
        const std::uint32_t c = t.at(i);
        if (is.upper(c) || is.title(c) ? inside : is.lower(c) && !inside) return false;
        inside = is.cased(c);
        any |= inside;
    }
    return any;
}
inline object is_ascii_text(const object& self, const object*, const arguments&) {
    const text t(self);
    for (std::size_t i = 0; i < t.size; ++i)
        if (t.at(i) > 127) return false;
    return true;
}
inline object is_identifier(const object& self, const object*, const arguments&) {
    const text t(self);
    const classes is{false};
    for (std::size_t i = 0; i < t.size; ++i)
        if (i == 0 ? !is.begins_name(t.at(i)) : !is.continues_name(t.at(i))) return false;
    return t.size != 0;
}
inline object is_printable_text(const object& self, const object*, const arguments&) {
    const text t(self);
    for (std::size_t i = 0; i < t.size; ++i)
        if (!is_printable(t.at(i))) return false;
    return true;
}

// ---- widths

enum class side { left, right, both };
template <side Side>
object pad_text(const object& self, const object* a, const arguments&) {
    const text t(self);
    const std::int64_t width = number_of(a[0]), size = static_cast<std::int64_t>(t.size);
    std::uint32_t fill = ' ';
    if (a[1]) {
        if (a[1].kind() != self.kind() || text(a[1]).size != 1) {
            if (!t.is_bytes && a[1].kind() == value_kind::string)
                throw type_error("The fill character must be exactly one character long");
            if (!t.is_bytes)
                throw type_error("The fill character must be a unicode character, not " + type_name_of(a[1]));
            throw type_error(std::string(Side == side::left    ? "ljust"
                                         : Side == side::right ? "rjust"
                                                               : "center") +
                             "() argument 2 must be a byte string of length 1, not " + what_is_given(a[1]));
        }
        fill = text(a[1]).at(0);
    }
    if (width <= size) return self;
    const std::int64_t room = width - size;
    const std::int64_t before = Side == side::left ? 0 : Side == side::right ? room : room / 2 + (room & width & 1);
    text_builder out;
    for (std::int64_t i = 0; i < before; ++i) out.add(fill);
    out.add(t);
    for (std::int64_t i = before; i < room; ++i) out.add(fill);
    return out.made(t.is_bytes);
}
inline object zero_fill(const object& self, const object* a, const arguments&) {
    const text t(self);
    const std::int64_t room = number_of(a[0]) - static_cast<std::int64_t>(t.size);
    if (room <= 0) return self;
    const bool sign = t.size != 0 && (t.at(0) == '+' || t.at(0) == '-');
    text_builder out;
    if (sign) out.add(t.at(0));
    for (std::int64_t i = 0; i < room; ++i) out.add('0');
    out.add(t, sign, t.size);
    return out.made(t.is_bytes);
}
inline object expand_tabs(const object& self, const object* a, const arguments&) {
    const text t(self);
    const std::int64_t stop = short_number_or(a[0], 8);
    if (!t.is_bytes && !t.has('\t')) return self;
    std::int64_t column = 0;
    text_builder out;
    for (std::size_t i = 0; i < t.size; ++i) {
        const std::uint32_t c = t.at(i);
        if (c != '\t') {
            out.add(c);
            column = c == '\n' || c == '\r' ? 0 : column + 1;
        } else if (stop > 0) {
            for (std::int64_t n = stop - column % stop; n > 0; --n, ++column) out.add(' ');
        }
    }
    return out.made(t.is_bytes);
}

// ---- tables, encodings

inline object make_translation(const object&, const object* a, const arguments& all) {
    const dict table;
    if (all.size() == 1) {
        if (a[0].kind() != value_kind::dict)
            throw type_error("if you give only one argument to maketrans it must be a dict");
        for (const auto& [key, value] : dict::of(a[0])) {
            if (key.kind() != value_kind::string) {
                table.set(key, value);
                continue;
            }
            if (len(key) != 1) throw value_error("string keys in translate table must be of length 1");
            table.set(static_cast<std::int64_t>(text(key).at(0)), value);
        }
        return table;
    }
    if (a[0].kind() != value_kind::string)
        throw type_error("first maketrans argument must be a string if there is a second argument");
    for (std::size_t i = 1; i < all.size(); ++i)
        if (a[i].kind() != value_kind::string)
            throw type_error("maketrans() argument " + std::to_string(i + 1) + " must be str, not " +
                             what_is_given(a[i]));
    const str from(a[0]), to(a[1]);
    if (from.size() != to.size()) throw value_error("the first two maketrans arguments must have equal length");
    for (std::size_t i = 0; i < from.size(); ++i)
        table.set(static_cast<std::int64_t>(text(from).at(i)), static_cast<std::int64_t>(text(to).at(i)));
    if (all.size() > 2)
        for (std::size_t i = 0; i < len(a[2]); ++i)
            table.set(static_cast<std::int64_t>(text(a[2]).at(i)), krait::none());
    return table;
}
// What the table has for the character, or the character: any LookupError leaves it.
inline object in_table(const object& table, const object& key) {
    if (table.kind() == value_kind::dict) return dict::of(table).get(key, key);
    try {
        return getitem(table, key);
    } catch (const error& e) {
        const std::string_view kind = e.kind();
        if (kind == "IndexError" || kind == "KeyError" || kind == "LookupError") return key;
        throw;
    }
}
inline object translate_text(const object& self, const object* a, const arguments&) {
    const text t(self);
    text_builder out;
    if (t.is_bytes) {
        if (is_given(a[0]) && bytes(a[0]).size() != 256)
            throw value_error("translation table must be 256 characters long");
        if (a[1]) (void)bytes(a[1]); // its errors
    }
    for (std::size_t i = 0; i < t.size; ++i) {
        const std::uint32_t c = t.at(i);
        if (t.is_bytes) {
            if (a[1] && text(a[1]).has(c)) continue;
            out.add(is_given(a[0]) ? text(a[0]).at(c) : c);
            continue;
        }
        const object key = static_cast<std::int64_t>(c);
        const object to = in_table(a[0], key);
        if (is_none(to)) continue;
        if (is_int(to)) {
            const std::int64_t code = body<const int_body>(to)->is_short() ? word_of(to) : -1;
            if (code < 0 || code > 0x10ffff) throw value_error("character mapping must be in range(0x110000)");
            out.add(static_cast<std::uint32_t>(code));
        } else if (to.kind() == value_kind::string) {
            out.add(text(to));
        } else {
            throw type_error("character mapping must return integer, None or str");
        }
    }
    const object made = out.made(t.is_bytes);
    return t.is_bytes && made == self ? self : made;
}
inline object translate_bytes_table(const object&, const object* a, const arguments&) {
    const bytes from(a[0]), to(a[1]);
    if (from.size() != to.size()) throw value_error("maketrans arguments must have same length");
    std::string table;
    for (int c = 0; c < 256; ++c) table += static_cast<char>(c);
    for (std::size_t i = 0; i < from.size(); ++i) table[static_cast<unsigned char>(from.view()[i])] = to.view()[i];
    return bytes(table);
}
enum class encoding { utf8, ascii, latin1 };
inline encoding encoding_of(const object& name, const char* whose) {
    if (!name) return encoding::utf8;
    if (name.kind() != value_kind::string)
        throw type_error(std::string(whose) + "() argument 'encoding' must be str, not " + what_is_given(name));
    std::string plain;
    for (const char c : str(name).utf8())
        if (c != '-' && c != '_' && c != ' ') plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (plain == "utf8") return encoding::utf8;
    if (plain == "ascii" || plain == "usascii") return encoding::ascii;
    if (plain == "latin1" || plain == "iso88591") return encoding::latin1;
    throw error("LookupError", "unknown encoding: " + str(name).utf8());
}
inline object encode_text(const object& self, const object* a, const arguments&) {
    const encoding how = encoding_of(a[0], "encode");
    if (how == encoding::utf8) return bytes(str(self).utf8());
    const text t(self);
    const std::uint32_t most = how == encoding::ascii ? 128 : 256;
    std::string out;
    for (std::size_t i = 0; i < t.size; ++i) {
        if (t.at(i) < most) {
            out += static_cast<char>(t.at(i));
            continue;
        }
        std::size_t last = i;
        while (last + 1 < t.size && t.at(last + 1) >= most) ++last;
        std::string shown;
        repr_str(t.piece(i, i + 1), shown);
        char escaped[16];
        std::snprintf(escaped, sizeof escaped,
                      t.at(i) < 256     ? "'\\x%02x'"
                      : t.at(i) < 65536 ? "'\\u%04x'"
                                        : "'\\U%08x'",
                      t.at(i));
        const std::string place = last == i
                                      ? std::string("character ") + escaped + " in position " + std::to_string(i)
                                      : "characters in position " + std::to_string(i) + "-" + std::to_string(last);
        throw error("UnicodeEncodeError", std::string("'") + (how == encoding::ascii ? "ascii" : "latin-1") +
                                              "' codec can't encode " + place + ": ordinal not in range(" +
                                              std::to_string(most) + ")");
    }
    return bytes(out);
}
inline object decode_bytes(const object& self, const object* a, const arguments&) {
    const std::string_view view = body<const bytes_body>(self)->view();
    const encoding how = encoding_of(a[0], "decode");
    if (how == encoding::utf8) return str(view);
    text_builder out;
    for (std::size_t i = 0; i < view.size(); ++i) {
        const auto byte = static_cast<unsigned char>(view[i]);
        if (how == encoding::ascii && byte > 127) {
            char code[8];
            std::snprintf(code, sizeof code, "0x%02x", byte);
            throw error("UnicodeDecodeError", std::string("'ascii' codec can't decode byte ") + code + " in position " +
                                                  std::to_string(i) + ": ordinal not in range(128)");
        }
        out.add(byte);
    }
    return out.made(false);
}
inline object hexadecimal_bytes(const object& self, const object* a, const arguments&) {
    const std::string_view view = body<const bytes_body>(self)->view();
    const std::int64_t group = short_number_or(a[1], 1);
    std::string between;
    if (a[0]) {
        if (len(a[0]) != 1) throw value_error("sep must be length 1.");
        if (a[0].kind() != value_kind::string && a[0].kind() != value_kind::bytes)
            throw type_error("sep must be str or bytes.");
        const std::uint32_t c = text(a[0]).at(0);
        if (c > 127) throw value_error("sep must be ASCII.");
        between = static_cast<char>(c);
    }
    const auto every = static_cast<std::size_t>(group < 0 ? -group : group);
    std::string out;
    for (std::size_t i = 0; i < view.size(); ++i) {
        const std::size_t counted = group < 0 ? i : view.size() - i;
        if (i != 0 && every != 0 && counted % every == 0) out += between;
        const auto byte = static_cast<unsigned char>(view[i]);
        (out += "0123456789abcdef"[byte / 16]) += "0123456789abcdef"[byte % 16];
    }
    return str(out);
}
inline object bytes_from_hexadecimal(const object&, const object* a, const arguments&) {
    if (a[0].kind() != value_kind::string)
        throw type_error("fromhex() argument must be str, not " + what_is_given(a[0]));
    const text t(a[0]);
    const auto digit = [&](std::size_t i) {
        const std::uint32_t c = i < t.size ? t.at(i) : 0;
        if (in_ascii(c, '0', '9')) return static_cast<int>(c - '0');
        if (in_ascii(c | 32, 'a', 'f')) return static_cast<int>((c | 32) - 'a' + 10);
        throw value_error("non-hexadecimal number found in fromhex() arg at position " + std::to_string(i));
    };
    std::string out;
    for (std::size_t i = 0; i < t.size;) {
        if (classes{true}.space(t.at(i))) {
            ++i;
            continue;
        }
        const int high = digit(i);
        out += static_cast<char>(high * 16 + digit(i + 1));
        i += 2;
    }
    return bytes(out);
}
inline object format_method(const object& self, const object*, const arguments& all) {
    if (!text(self).has('{') && !text(self).has('}')) return self;
    return format_fields(str(self), all);
}
inline object format_map(const object& self, const object* a, const arguments&) {
    if (!text(self).has('{') && !text(self).has('}')) return self;
    return format_fields(str(self), arguments(), a[0]);
}

inline constexpr method str_methods[] = {
    {"capitalize", 0, 0, "", change_case<text_case::capital>},
    {"casefold", 0, 0, "", fold_case},
    {"center", 1, 2, "", pad_text<side::both>},
    {"count", 1, 3, "", count_text},
    {"encode", 0, 1, "encoding", encode_text},
    {"endswith", 1, 3, "", has_affix<true>},
    {"expandtabs", 0, 1, "tabsize", expand_tabs},
    {"find", 1, 3, "", find_text<false>},
    {"format", 0, any_number, "*", format_method},
    {"format_map", 1, 1, "", format_map},
    {"index", 1, 3, "", index_text<false>},
    {"isalnum", 0, 0, "", all_are<&classes::alnum>},
    {"isalpha", 0, 0, "", all_are<&classes::alpha>},
    {"isascii", 0, 0, "", is_ascii_text},
    {"isdecimal", 0, 0, "", all_are<&classes::decimal>},
    {"isdigit", 0, 0, "", all_are<&classes::digit>},
    {"isidentifier", 0, 0, "", is_identifier},
    {"islower", 0, 0, "", is_in_case<false>},
    {"isnumeric", 0, 0, "", all_are<&classes::numeric>},
    {"isprintable", 0, 0, "", is_printable_text},
    {"isspace", 0, 0, "", all_are<&classes::space>},
    {"istitle", 0, 0, "", is_title},
    {"isupper", 0, 0, "", is_in_case<true>},
    {"join", 1, 1, "", join_texts},
    {"ljust", 1, 2, "", pad_text<side::left>},
    {"lower", 0, 0, "", change_case<text_case::lower>},
    {"lstrip", 0, 1, "", strip_text<true, false>},
    {"maketrans", 1, 3, "", make_translation},
    {"partition", 1, 1, "", partition_text<false>},
    {"removeprefix", 1, 1, "", remove_affix<false>},
    {"removesuffix", 1, 1, "", remove_affix<true>},
    {"replace", 2, 3, "", replace_text},
    {"rfind", 1, 3, "", find_text<true>},
    {"rindex", 1, 3, "", index_text<true>},
    {"rjust", 1, 2, "", pad_text<side::right>},
    {"rpartition", 1, 1, "", partition_text<true>},
    {"rsplit", 0, 2, "sep maxsplit", split_text<true>},
    {"rstrip", 0, 1, "", strip_text<false, true>},
    {"split", 0, 2, "sep maxsplit", split_text<false>},
    {"splitlines", 0, 1, "keepends", split_lines},
    {"startswith", 1, 3, "", has_affix<false>},
    {"strip", 0, 1, "", strip_text<true, true>},
    {"swapcase", 0, 0, "", change_case<text_case::swapped>},
    {"title", 0, 0, "", change_case<text_case::title>},
    {"translate", 1, 1, "", translate_text},
    {"upper", 0, 0, "", change_case<text_case::upper>},
    {"zfill", 1, 1, "", zero_fill},
};
inline constexpr method bytes_methods[] = {
    {"capitalize", 0, 0, "", change_case<text_case::capital>},
    {"center", 1, 2, "", pad_text<side::both>},
    {"count", 1, 3, "", count_text},
    {"decode", 0, 1, "encoding", decode_bytes},
    {"endswith", 1, 3, "", has_affix<true>},
    {"expandtabs", 0, 1, "tabsize", expand_tabs},
    {"find", 1, 3, "", find_text<false>},
    {"fromhex", 1, 1, "", bytes_from_hexadecimal},
    {"hex", 0, 2, "sep bytes_per_sep", hexadecimal_bytes},
    {"index", 1, 3, "", index_text<false>},
    {"isalnum", 0, 0, "", all_are<&classes::alnum>},
    {"isalpha", 0, 0, "", all_are<&classes::alpha>},
    {"isascii", 0, 0, "", is_ascii_text},
    {"isdigit", 0, 0, "", all_are<&classes::digit>},
    {"islower", 0, 0, "", is_in_case<false>},
    {"isspace", 0, 0, "", all_are<&classes::space>},
    {"istitle", 0, 0, "", is_title},
    {"isupper", 0, 0, "", is_in_case<true>},
    {"join", 1, 1, "", join_texts},
    {"ljust", 1, 2, "", pad_text<side::left>},
    {"lower", 0, 0, "", change_case<text_case::lower>},
    {"lstrip", 0, 1, "", strip_text<true, false>},
    {"maketrans", 2, 2, "", translate_bytes_table},
    {"partition", 1, 1, "", partition_text<false>},
    {"removeprefix", 1, 1, "", remove_affix<false>},
    {"removesuffix", 1, 1, "", remove_affix<true>},
    {"replace", 2, 3, "", replace_text},
    {"rfind", 1, 3, "", find_text<true>},
    {"rindex", 1, 3, "", index_text<true>},
    {"rjust", 1, 2, "", pad_text<side::right>},
    {"rpartition", 1, 1, "", partition_text<true>},
    {"rsplit", 0, 2, "sep maxsplit", split_text<true>},
    {"rstrip", 0, 1, "", strip_text<false, true>},
    {"split", 0, 2, "sep maxsplit", split_text<false>},
    {"splitlines", 0, 1, "keepends", split_lines},
    {"startswith", 1, 3, "", has_affix<false>},
    {"strip", 0, 1, "", strip_text<true, true>},
    {"swapcase", 0, 0, "", change_case<text_case::swapped>},
    {"title", 0, 0, "", change_case<text_case::title>},
    {"translate", 1, 2, " delete", translate_text},
    {"upper", 0, 0, "", change_case<text_case::upper>},
    {"zfill", 1, 1, "", zero_fill},
};
static_assert(is_ordered(str_methods) && is_ordered(bytes_methods));

} // namespace krait::detail
