// Python's mini-languages of formats: specs, fields, and the % of strings.
#pragma once

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include <krait/object/value/format.hpp>
#include <krait/object/value/impl/items.hpp>

namespace krait {
namespace detail {

// The C library's numbers have a point while this is there, whatever setlocale has been told; of this thread alone.
class with_points {
  public:
    with_points() noexcept : before_(uselocale(plain())) {}
    ~with_points() { uselocale(before_); }
    with_points(const with_points&) = delete;
    with_points& operator=(const with_points&) = delete;

  private:
    static locale_t plain() noexcept {
        static const locale_t c = newlocale(LC_ALL_MASK, "C", locale_t{});
        return c;
    }
    locale_t before_;
};

inline void append_character(std::string& out, std::uint32_t c) { append_utf8(out, c); }
// Characters of UTF-8.
inline std::size_t width_of(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}
KRAIT_OBJECT_DECL std::string ascii_repr(const object& o) {
    const object shown = str(repr(o));
    const auto* const s = body<const str_body>(shown);
    std::string out;
    for (std::size_t i = 0; i < s->size(); ++i) {
        const std::uint32_t c = s->at(i);
        char escaped[16];
        if (c >= 128)
            out.append(escaped, static_cast<std::size_t>(std::snprintf(escaped, sizeof escaped,
                                                                       c < 256     ? "\\x%02x"
                                                                       : c < 65536 ? "\\u%04x"
                                                                                   : "\\U%08x",
                                                                       c)));
        else
            out += static_cast<char>(c);
    }
    return out;
}

struct format_spec {
    std::string fill = " ";
    char align = 0;
    char sign = 0; // as for '-', which texts and 'c' refuse
    bool alternate = false;
    bool no_negative_zero = false;
    std::int64_t width = 0;
    char group = 0;
    std::int64_t precision = -1;
    char type = 0;

    format_spec() = default;
    format_spec(std::string_view s, const object& o) {
        const std::string_view whole = s;
        const auto is_align = [](char c) { return c == '<' || c == '>' || c == '=' || c == '^'; };
        const bool is_text = o.kind() == value_kind::string;
        bool fill_given = false;
        std::size_t first = 0; // bytes of the first character
        while (first < s.size() && (first == 0 || (static_cast<unsigned char>(s[first]) & 0xc0) == 0x80)) ++first;
        if (first < s.size() && is_align(s[first])) {
            fill = s.substr(0, first);
            align = s[first];
            fill_given = true;
            s.remove_prefix(first + 1);
        } else if (!s.empty() && is_align(s[0])) {
            align = s[0];
            s.remove_prefix(1);
        }
        const auto take = [&](char c) {
            const bool there = !s.empty() && s[0] == c;
            if (there) s.remove_prefix(1);
            return there;
        };
        for (const char c : {'+', '-', ' '})
            if (take(c)) {
                sign = c;
                break;
            }
        no_negative_zero = take('z');
        alternate = take('#');
        if (!fill_given && take('0')) { // behind a fill of one's own it is the width's
            fill = "0";
            if (align == 0 && !is_text) align = '=';
        }
        const auto number = [&](std::int64_t& into) {
            bool any = false;
            for (std::int64_t n = 0; !s.empty() && s[0] >= '0' && s[0] <= '9'; s.remove_prefix(1), any = true) {
                n = n * 10 + (s[0] - '0');
                if (n > 1 << 30) throw value_error("Too many decimal digits in format string");
                into = n;
            }
            return any;
        };
        number(width);
        if (take(',')) group = ',';
        if (take('_')) {
            if (group != 0) throw value_error("Cannot specify both ',' and '_'.");
            group = '_';
        }
        if (take('.') && !number(precision)) throw value_error("Format specifier missing precision");
        if (s.size() > 1)
            throw value_error("Invalid format specifier '" + std::string(whole) + "' for object of type '" +
                              type_name_of(o) + "'");
        if (!s.empty()) type = s[0];
        const char known = type != 0 ? type : is_text ? 's' : 'd';
        const std::string_view may = group == ',' ? "deEfFgG%" : "deEfFgG%boxX";
        if (group != 0 && may.find(known) == may.npos)
            throw value_error(std::string("Cannot specify '") + group + "' with '" + known + "'.");
    }

    static constexpr std::int64_t most_room = std::int64_t{1} << 46;

    // The sign or prefix, then the digits; '=' fills between them. Numbers are to the right, others to the left.
    std::string padded(const std::string& prefix, const std::string& rest, char usual) const {
        const auto size = static_cast<std::int64_t>(prefix.size() + width_of(rest));
        const std::int64_t room = std::max<std::int64_t>(width - size, 0);
        if (room > most_room) throw memory_error();
        const char how = align != 0 ? align : usual;
        const std::int64_t before = how == '>' ? room : how == '^' ? room / 2 : 0;
        std::string out;
        const auto fill_up = [&](std::int64_t n) {
            for (; n > 0; --n) out += fill;
        };
        fill_up(before);
        out += prefix;
        if (how == '=') fill_up(room);
        out += rest;
        if (how != '=') fill_up(room - before);
        return out;
    }
};
[[noreturn, gnu::cold]] inline void fail_code(char code, const object& o) {
    throw value_error(std::string("Unknown format code '") + code + "' for object of type '" + type_name_of(o) + "'");
}

// Separators every so many digits of the whole part; with zeros for filling, up to the width.
inline std::string grouped(const std::string& digits, const std::string& rest, const format_spec& spec, int every,
                           std::size_t prefix) {
    if (spec.group == 0 || digits.empty()) return digits + rest;
    std::string reversed;
    std::size_t n = 0;
    const auto add = [&](char c) {
        if (n != 0 && n % static_cast<std::size_t>(every) == 0) reversed += spec.group;
        reversed += c;
        ++n;
    };
    for (std::size_t i = digits.size(); i-- > 0;) add(digits[i]);
    if (spec.align == '=' && spec.fill == "0")
        while (static_cast<std::int64_t>(prefix + reversed.size() + rest.size()) < spec.width) add('0');
    return std::string(reversed.rbegin(), reversed.rend()) + rest;
}
inline std::string sign_of(bool negative, const format_spec& spec) {
    return negative ? "-" : spec.sign == '-' || spec.sign == 0 ? "" : std::string(1, spec.sign);
}

// Of a finite number: type is e, f, g, E or G.
inline std::string printed(double value, int precision, char type, bool alternate) {
    if (!alternate && precision < 60) { // the common case: what printf says, in a third of the time
        char digits[400];
        const auto form = type == 'e' || type == 'E'   ? std::chars_format::scientific
                          : type == 'g' || type == 'G' ? std::chars_format::general
                                                       : std::chars_format::fixed;
        std::string text(digits, std::to_chars(digits, std::end(digits), value, form, precision).ptr);
        if (type == 'E' || type == 'G')
            if (const std::size_t e = text.find('e'); e != text.npos) text[e] = 'E';
        return text;
    }
    std::string text(static_cast<std::size_t>(std::max(precision, 0)) + 400, '\0');
    const with_points here;
    const auto print = [&](const char* form) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), form, precision, value)));
#pragma GCC diagnostic pop
    };
    print(type == 'e'   ? alternate ? "%#.*e" : "%.*e"
          : type == 'E' ? alternate ? "%#.*E" : "%.*E"
          : type == 'g' ? alternate ? "%#.*g" : "%.*g"
          : type == 'G' ? alternate ? "%#.*G" : "%.*G"
          : alternate   ? "%#.*f"
                        : "%.*f");
    return text;
}
// The magnitude, without a sign.
inline std::string float_digits(double value, const format_spec& spec) {
    const bool upper = spec.type == 'E' || spec.type == 'F' || spec.type == 'G';
    if (!std::isfinite(value)) {
        const std::string word = std::isnan(value) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
        return spec.type == '%' ? word + "%" : word;
    }
    const int precision = spec.precision < 0 ? 6 : static_cast<int>(spec.precision);
    switch (spec.type) {
    case 'e':
    case 'E':
    case 'f':
    case 'F':
        return printed(value, precision, spec.type, spec.alternate);
    case '%':
        return printed(value * 100, precision, 'f', spec.alternate) + "%";
    case 'g':
    case 'G':
    case 'n':
        return printed(value, precision, spec.type == 'G' ? 'G' : 'g', spec.alternate);
    default:
        break;
    }
    std::string text;
    if (spec.precision < 0) {
        append_double(text, value);
        if (spec.alternate && text.find('.') == text.npos) text.insert(text.find('e'), 1, '.');
        return text;
    }
    // As g, but a number that is written without an exponent has a digit behind the point.
    text = printed(value, std::max(precision, 1), 'g', spec.alternate);
    if (text.find('e') != text.npos) return text;
    if (text.back() == '.') return printed(value, std::max(precision, 1) - 1, 'e', true); // as below
    if (text.find('.') == text.npos) {
        if (static_cast<int>(text.size()) >= std::max(precision, 1)) { // no room for the digit: an exponent after all
            std::string exponent = printed(value, std::max(precision, 1) - 1, 'e', false);
            const std::size_t e = exponent.find('e');
            std::string mantissa = exponent.substr(0, e);
            if (mantissa.find('.') != mantissa.npos) {
                while (mantissa.back() == '0') mantissa.pop_back();
                if (mantissa.back() == '.') mantissa.pop_back();
            }
            return mantissa + exponent.substr(e);
        }
        text += ".0";
    }
    return text;
}
inline std::string format_float(double value, const format_spec& spec) {
    const std::string all = float_digits(std::fabs(value), spec);
    bool negative = std::signbit(value) && !std::isnan(value);
    if (negative && spec.no_negative_zero && all.find_first_of("123456789iI") == all.npos) negative = false;
    const std::string sign = sign_of(negative, spec);
    const std::size_t whole = std::isfinite(value) ? std::min(all.find_first_not_of("0123456789"), all.size()) : 0;
    return spec.padded(sign, grouped(all.substr(0, whole), all.substr(whole), spec, 3, sign.size()), '>');
}
inline std::string format_int(const object& o, const format_spec& spec) {
    if (spec.type != 0 && std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos)
        return format_float(to_double(o), spec);
    const char type = spec.type == 0 || spec.type == 'n' ? 'd' : spec.type;
    const int base = type == 'd' ? 10 : type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 0;
    if (base == 0 && type != 'c') fail_code(spec.type, o);
    if (spec.precision >= 0) throw value_error("Precision not allowed in integer format specifier");
    if (spec.no_negative_zero) throw value_error("Negative zero coercion (z) not allowed in integer format specifier");
    if (spec.type == 'c') {
        if (spec.sign != 0) throw value_error("Sign not allowed with integer format specifier 'c'");
        if (spec.alternate) throw value_error("Alternate form (#) not allowed with integer format specifier 'c'");
        const std::int64_t c = int_::to_int64(o);
        if (c < 0 || c > 0x10ffff) throw overflow_error("%c arg not in range(0x110000)");
        std::string text;
        append_character(text, static_cast<std::uint32_t>(c));
        return spec.padded("", text, '>');
    }
    std::string digits;
    if (base == 10) {
        repr_int(o, digits);
    } else {
        const big_int big(o);
        digits.resize(mpz_sizeinbase(big.get(), base) + 2);
        mpz_get_str(digits.data(), type == 'X' ? -base : base, big.get());
        digits.resize(std::strlen(digits.c_str()));
    }
    const bool negative = digits[0] == '-';
    if (negative) digits.erase(0, 1);
    std::string prefix = sign_of(negative, spec);
    if (spec.alternate && base != 10) (prefix += '0') += type;
    return spec.padded(prefix, grouped(digits, "", spec, base == 10 ? 3 : 4, prefix.size()), '>');
}
inline std::string format_text(const std::string& text, const format_spec& spec, const object& o) {
    if (spec.type != 0 && spec.type != 's') fail_code(spec.type, o);
    if (spec.sign != 0)
        throw value_error(std::string(spec.sign == ' ' ? "Space" : "Sign") + " not allowed in string format specifier");
    if (spec.no_negative_zero) throw value_error("Negative zero coercion (z) not allowed in string format specifier");
    if (spec.alternate) throw value_error("Alternate form (#) not allowed in string format specifier");
    if (spec.align == '=') throw value_error("'=' alignment not allowed in string format specifier");
    if (spec.precision < 0) return spec.padded("", text, '<');
    return spec.padded("", str(text).slice(0, spec.precision).utf8(), '<');
}

} // namespace detail

KRAIT_OBJECT_DECL std::string format(const object& o, std::string_view spec) {
    using namespace detail;
    switch (o.kind()) {
    case value_kind::boolean:
        if (spec.empty()) return to_text(o);
        if (const format_spec s(spec, o); s.type == 0) return format_int(as_int(o), s);
        [[fallthrough]];
    case value_kind::integer:
        return format_int(o, format_spec(spec, o));
    case value_kind::floating: {
        const format_spec s(spec, o);
        if (s.type != 0 && std::string_view("eEfFgGn%").find(s.type) == std::string_view::npos) fail_code(s.type, o);
        return format_float(float_value_of(o), s);
    }
    case value_kind::string:
        return format_text(str(o).utf8(), format_spec(spec, o), o);
    default:
        if (object own = by_special("__format__", o, str(spec))) return str(own).utf8();
        if (!spec.empty()) throw type_error("unsupported format string passed to " + type_name_of(o) + ".__format__");
        return to_text(o);
    }
}

namespace detail {

inline std::string converted(const object& o, char how) {
    switch (how) {
    case 'r':
        return repr(o);
    case 's':
        return to_text(o);
    case 'a':
        return ascii_repr(o);
    default:
        throw value_error(std::string("Unknown conversion specifier '") + how + "'");
    }
}

// str.format. `mapping` is format_map's, or unset.
class field_formatter {
  public:
    field_formatter(const arguments& given, const object& mapping) : given_(given), mapping_(mapping) {}

    std::string all(std::string_view s, int depth = 2) {
        if (depth < 0) throw value_error("Max string recursion exceeded");
        std::string out;
        for (std::size_t i = 0; i < s.size(); ++i) {
            const char c = s[i];
            const bool twice = i + 1 < s.size() && s[i + 1] == c;
            if (c != '{' && c != '}') {
                out += c;
            } else if (twice) {
                out += c;
                ++i;
            } else if (c == '}') {
                throw value_error("Single '}' encountered in format string");
            } else {
                std::size_t end = i + 1;
                if (end == s.size()) throw value_error("Single '{' encountered in format string");
                for (int open = 1; end < s.size(); ++end) {
                    open += s[end] == '{';
                    open -= s[end] == '}';
                    if (open == 0) break;
                }
                if (end == s.size()) throw value_error("expected '}' before end of string");
                out += field(s.substr(i + 1, end - i - 1), depth);
                i = end;
            }
        }
        return out;
    }

  private:
    std::string field(std::string_view f, int depth) {
        std::size_t end = 0;
        for (bool inside = false; end < f.size() && (inside || (f[end] != ':' && f[end] != '!')); ++end)
            inside = f[end] == '[' || (inside && f[end] != ']');
        object value = look_up(f.substr(0, end));
        f.remove_prefix(end);
        if (!f.empty() && f[0] == '!') {
            if (f.size() < 2) throw value_error("end of string while looking for conversion specifier");
            if (f.size() > 2 && f[2] != ':') throw value_error("expected ':' after conversion specifier");
            value = str(converted(value, f[1]));
            f.remove_prefix(2);
        }
        if (!f.empty()) f.remove_prefix(1);
        return format(value, f.find('{') == f.npos ? std::string(f) : all(f, depth - 1));
    }
    object look_up(std::string_view name) {
        const std::size_t end = std::min(name.find_first_of(".["), name.size());
        object value = first(name.substr(0, end));
        name.remove_prefix(end);
        while (!name.empty()) {
            if (name[0] == '.') {
                const std::size_t next = std::min(name.find_first_of(".[", 1), name.size());
                value = getattr(value, str(name.substr(1, next - 1)));
                name.remove_prefix(next);
            } else {
                const std::size_t close = name.find(']');
                if (name[0] != '[') throw value_error("Only '.' or '[' may follow ']' in format field specifier");
                if (close == name.npos) throw value_error("Missing ']' in format string");
                const std::string_view key = name.substr(1, close - 1);
                if (key.empty()) throw value_error("Empty attribute in format string");
                value = getitem(value, is_number_text(key) ? int_::parse(key) : object(str(key)));
                name.remove_prefix(close + 1);
            }
        }
        return value;
    }
    static bool is_number_text(std::string_view s) noexcept {
        return !s.empty() && s.find_first_not_of("0123456789") == s.npos;
    }
    object first(std::string_view name) {
        if (!name.empty() && !is_number_text(name)) {
            if (mapping_) return getitem(mapping_, str(name));
            for (const named& n : given_.by_name())
                if (n.name.utf8() == name) return n.value;
            throw key_error(repr(str(name)));
        }
        if (mapping_) throw value_error("Format string contains positional fields");
        const bool automatic = name.empty();
        if (counting_ != 0 && counting_ != (automatic ? 1 : 2))
            throw value_error(automatic ? "cannot switch from manual field specification to automatic field numbering"
                                        : "cannot switch from automatic field numbering to manual field specification");
        counting_ = automatic ? 1 : 2;
        const std::size_t i = automatic ? next_++ : static_cast<std::size_t>(int_::to_int64(int_::parse(name)));
        if (i >= given_.size())
            throw index_error("Replacement index " + std::to_string(i) + " out of range for positional args tuple");
        return given_[i];
    }

    const arguments& given_;
    const object& mapping_;
    std::size_t next_ = 0;
    int counting_ = 0; // 1 by itself, 2 by hand
};
inline str format_fields(const str& s, const arguments& given, const object& mapping = {}) {
    return field_formatter(given, mapping).all(s.utf8());
}

// What has items by key or place, but a tuple and a text, which are values of a pattern.
inline bool is_mapping(const object& o) {
    const value_kind kind = o.kind();
    return kind == value_kind::dict || kind == value_kind::list || kind == value_kind::range ||
           kind == value_kind::bytes ||
           (kind == value_kind::instance && find_in_class(body<instance_body>(o)->type, intern("__getitem__")));
}

} // namespace detail

KRAIT_OBJECT_DECL str format_percent(const str& pattern, const object& values) {
    using namespace detail;
    const std::string s = pattern.utf8();
    const bool has_keys = is_mapping(values);
    // What comes next: an item of the tuple, or the one value, once.
    bool is_tuple = values.kind() == value_kind::tuple;
    object given = values;
    std::size_t used = 0;
    std::string out;
    const auto next_value = [&]() -> object {
        if (used == (is_tuple ? len(given) : 1)) throw type_error("not enough arguments for format string");
        ++used;
        return is_tuple ? tuple::of(given)[static_cast<std::int64_t>(used - 1)] : given;
    };
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] != '%') {
            out += s[i];
            continue;
        }
        const auto at = [&]() -> char {
            if (i >= s.size()) throw value_error("incomplete format");
            return s[i];
        };
        ++i;
        if (at() == '%') {
            out += '%';
            continue;
        }
        if (at() == '(') {
            if (!has_keys) throw type_error("format requires a mapping");
            std::size_t close = i + 1;
            for (int open = 1; close < s.size(); ++close)
                if ((open += (s[close] == '(') - (s[close] == ')')) == 0) break;
            if (close >= s.size()) throw value_error("incomplete format key");
            given = getitem(values, str(s.substr(i + 1, close - i - 1)));
            is_tuple = false;
            used = 0;
            i = close + 1;
        }
        format_spec spec;
        bool zeros = false, left = false;
        for (;; ++i) {
            if (at() == '#')
                spec.alternate = true;
            else if (s[i] == '0')
                zeros = true;
            else if (s[i] == '-')
                left = true;
            else if (s[i] == '+' || s[i] == ' ')
                spec.sign = spec.sign == '+' ? '+' : s[i];
            else
                break;
        }
        // Refused: a number in the text that is more than an int's, and a precision given for * that is.
        constexpr std::int64_t most = std::numeric_limits<int>::max();
        const auto number = [&](std::int64_t& into, const char* what) {
            if (at() == '*') {
                const object n = next_value();
                if (!is_int(n)) throw type_error("* wants int");
                into = &into == &spec.width ? number_of(n) : short_number_of(n);
                ++i;
                return;
            }
            for (into = 0; at() >= '0' && s[i] <= '9'; ++i) {
                into = into * 10 + (s[i] - '0');
                if (into > most) throw value_error(std::string(what) + " too big");
            }
        };
        number(spec.width, "width");
        if (spec.width < 0) left = true, spec.width = -spec.width;
        if (at() == '.') {
            ++i;
            number(spec.precision, "precision");
            spec.precision = std::max<std::int64_t>(spec.precision, 0);
        }
        while (at() == 'l' || s[i] == 'h' || s[i] == 'L') ++i;
        spec.align = left ? '<' : '>';
        const char type = at();
        const object value = next_value();
        if (zeros && !left && std::string_view("rsac").find(type) == std::string_view::npos) {
            spec.fill = "0";
            spec.align = '=';
        }
        switch (type) {
        case 'r':
        case 's':
        case 'a': {
            std::string text = converted(value, type);
            if (spec.precision >= 0) text = str(text).slice(0, spec.precision).utf8();
            out += spec.padded("", text, '>');
            break;
        }
        case 'c': {
            std::string text;
            if (is_int(value)) {
                const std::int64_t c = body<const int_body>(value)->is_short() ? word_of(value) : -1;
                if (c < 0 || c > 0x10ffff) throw overflow_error("%c arg not in range(0x110000)");
                append_character(text, static_cast<std::uint32_t>(c));
            } else {
                if (value.kind() != value_kind::string || len(value) != 1) throw type_error("%c requires int or char");
                text = str(value).utf8();
            }
            out += spec.padded("", text, '>');
            break;
        }
        case 'd':
        case 'i':
        case 'u':
        case 'o':
        case 'x':
        case 'X': {
            object whole = value;
            const bool decimal = type == 'd' || type == 'i' || type == 'u';
            if (value.kind() == value_kind::floating && decimal) {
                big_int big;
                if (!std::isfinite(float_value_of(value)))
                    throw std::isnan(float_value_of(value))
                        ? error("ValueError", "cannot convert float NaN to integer")
                        : error("OverflowError", "cannot convert float infinity to integer");
                mpz_set_d(big.get(), float_value_of(value));
                whole = big.value();
            }
            if (!is_int(whole))
                throw type_error(std::string("%") + type + " format: " + (decimal ? "a real number" : "an integer") +
                                 " is required, not " + type_name_of(value));
            format_spec digits;
            digits.type = decimal ? 'd' : type;
            digits.alternate = spec.alternate;
            std::string text = format_int(as_int(whole), digits);
            const bool negative = text[0] == '-';
            if (negative) text.erase(0, 1);
            std::string prefix = sign_of(negative, spec);
            if (spec.alternate && !decimal) prefix += text.substr(0, 2), text.erase(0, 2);
            const auto size = static_cast<std::int64_t>(text.size());
            if (spec.precision > size) text.insert(0, static_cast<std::size_t>(spec.precision - size), '0');
            out += spec.padded(prefix, text, '>');
            break;
        }
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G':
            if (!is_number(value)) throw type_error("must be real number, not " + type_name_of(value));
            spec.type = type;
            out += format_float(to_double(value), spec);
            break;
        default:
            const std::size_t index = width_of(std::string_view(s).substr(0, i));
            const std::uint32_t c = body<const str_body>(pattern)->at(index);
            char shown[16];
            std::snprintf(shown, sizeof shown, "%c' (0x%x)", c >= 31 && c <= 126 ? type : '?', c);
            throw value_error(std::string("unsupported format character '") + shown + " at index " +
                              std::to_string(index));
        }
    }
    if (!has_keys && used != (is_tuple ? len(given) : 1))
        throw type_error("not all arguments converted during string formatting");
    return out;
}

} // namespace krait
