// Items, slices, membership, and the operators on bits.
#pragma once

#include <algorithm>
#include <cmath>

#include <krait/object/value/impl/iterate.hpp>
#include <krait/object/value/impl/ops.hpp>
#include <krait/object/value/items.hpp>

namespace krait {

[[gnu::noinline]] KRAIT_OBJECT_DECL std::int64_t slice::number_of_any(const object& bound) {
    const object said = detail::index_said(bound);
    const object& o = said ? said : bound;
    if (!detail::is_int(o)) throw type_error("slice indices must be integers or None or have an __index__ method");
    if (detail::body<const detail::int_body>(o)->is_short()) return detail::word_of(o);
    return detail::body<const detail::int_body>(o)->size < 0 ? -std::int64_t{1} << 62 : std::int64_t{1} << 62;
}
KRAIT_OBJECT_DECL std::int64_t slice::number(const object& bound) {
    const bool is_short =
        bound.kind() == value_kind::integer && detail::body<const detail::int_body>(bound)->is_short();
    return is_short ? detail::word_of(bound) : number_of_any(bound);
}
KRAIT_OBJECT_DECL slice::bounds slice::of(std::size_t items) const {
    const auto n = static_cast<std::int64_t>(items);
    const std::int64_t stride = is_none(step) ? 1 : number(step);
    if (stride == 0) throw value_error("slice step cannot be zero");
    const std::int64_t least = stride < 0 ? -1 : 0, most = stride < 0 ? n - 1 : n;
    const auto clamp = [&](std::int64_t i) { return i < 0 ? std::max(i + n, least) : std::min(i, most); };
    const std::int64_t begin = is_none(first) ? (stride < 0 ? n - 1 : 0) : clamp(number(first));
    const std::int64_t end = is_none(last) ? (stride < 0 ? -1 : n) : clamp(number(last));
    return {begin, end, stride, detail::size_of_steps(begin, end, stride)};
}

namespace detail {

// An int as a place. Throws index_error for what has more than 64 bits.
inline std::int64_t index_word(const object& key) {
    if (body<const int_body>(key)->is_short()) [[likely]]
        return word_of(key);
    try {
        return int_::to_int64(key);
    } catch (const overflow_error&) {
        throw index_error("cannot fit 'int' into an index-sized integer");
    }
}
// Whether CPython's type has places that a number may name, with or without items that may change.
inline bool has_places(const object& o) noexcept {
    const value_kind kind = o.kind();
    return kind == value_kind::string || kind == value_kind::bytes || kind == value_kind::tuple ||
           kind == value_kind::range || kind == value_kind::set || kind == value_kind::frozenset ||
           kind == value_kind::view;
}
[[noreturn, gnu::cold]] inline void fail_slice_key() { throw type_error("unhashable type: 'slice'"); }

inline std::int64_t index_of(const object& key, const char* whose, bool quoted = false) {
    if (!is_int(key)) {
        if (const object said = index_said(key)) return index_of(said, whose, quoted);
        const std::string quote = quoted ? "'" : "";
        throw type_error(std::string(whose) +
                         (quoted ? " indices must be integers, not "
                                 : " indices must be integers "
                                   "or slices, not ") +
                         quote + type_name_of(key) + quote);
    }
    return index_word(key);
}
inline std::int64_t place_in(std::int64_t at, std::int64_t size, const char* error) {
    if (at < 0) at += size;
    if (at < 0 || at >= size) throw index_error(error);
    return at;
}
// The characters or bytes at these places.
inline object text_at(const object& o, const slice::bounds& b) {
    if (o.kind() == value_kind::bytes) {
        std::string some;
        for (std::int64_t i = 0; i < b.size; ++i) some += bytes(o).view()[static_cast<std::size_t>(b[i])];
        return bytes(some);
    }
    if (b.step == 1) return str(o).slice(b.first, b.first + b.size);
    const auto* const s = body<const str_body>(o);
    const auto character = [&](std::size_t i) {
        return s->at(static_cast<std::size_t>(b[static_cast<std::int64_t>(i)]));
    };
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(b.size); ++i) largest = std::max(largest, character(i));
    return string_of_characters(static_cast<std::size_t>(b.size), largest, character);
}

} // namespace detail

KRAIT_OBJECT_DECL object getitem(const object& o, const object& key) {
    using namespace detail;
    switch (o.kind()) {
    case value_kind::list:
        return list::of(o)[index_of(key, "list")];
    case value_kind::tuple:
        return tuple::of(o)[index_of(key, "tuple")];
    case value_kind::string:
        return str(o)[index_of(key, "string", true)];
    case value_kind::bytes: {
        const std::string_view view = body<const bytes_body>(o)->view();
        const auto at = place_in(index_of(key, "byte"), static_cast<std::int64_t>(view.size()), "index out of range");
        return static_cast<std::int64_t>(static_cast<unsigned char>(view[static_cast<std::size_t>(at)]));
    }
    case value_kind::range: {
        const auto* const r = body<const range_body>(o);
        if (is_int(key) && !body<const int_body>(key)->is_short() && body<const int_body>(key)->digits() > 2)
            throw index_error("range object index out of range");
        return r->item(place_in(index_of(key, "range"), r->size, "range object index out of range"));
    }
    case value_kind::dict:
        return dict::of(o).at(key);
    default:
        if (object item = by_special("__getitem__", o, key)) return item;
        fail_iteration(o, "subscriptable");
    }
}
KRAIT_OBJECT_DECL object getitem(const object& o, const slice& s) {
    using namespace detail;
    switch (o.kind()) {
    case value_kind::list: {
        const auto b = s.of(body<const list_body>(o)->count());
        return list::of(o).part(b.first, b.size, b.step);
    }
    case value_kind::tuple: {
        const auto b = s.of(tuple::of(o).size());
        if (b.step == 1 && b.size == static_cast<std::int64_t>(tuple::of(o).size())) return o;
        const object* const items = body<const tuple_body>(o)->items();
        return tuple_of(static_cast<std::size_t>(b.size),
                        [&](std::size_t i) noexcept { return items[b[static_cast<std::int64_t>(i)]]; });
    }
    case value_kind::string:
    case value_kind::bytes:
        return text_at(o, s.of(len(o)));
    case value_kind::range: {
        const auto* const r = body<const range_body>(o);
        const auto b = s.of(static_cast<std::size_t>(r->size));
        std::int64_t step = is_none(s.step) ? 1 : number_of(s.step); // b's has a bound, and shows here
        if (__builtin_mul_overflow(r->step, step, &step)) fail_range();
        return range_of(r->exact(b.first), r->exact(b.last), step, b.size);
    }
    case value_kind::dict:
        fail_slice_key();
    default:
        fail_iteration(o, "subscriptable");
    }
}

KRAIT_OBJECT_DECL void setitem(const object& o, const object& key, const object& value) {
    if (o.kind() == value_kind::dict) return dict::of(o).set(key, value);
    if (o.kind() == value_kind::list) return list::of(o).set(detail::index_of(key, "list"), value);
    if (o.kind() == value_kind::instance)
        if (const object method =
                detail::find_in_class(detail::body<detail::instance_body>(o)->type, intern("__setitem__"))) {
            call(method, o, key, value);
            return;
        }
    if (detail::is_int(key) && detail::has_places(o)) (void)detail::index_word(key); // its error
    throw type_error("'" + detail::type_name_of(o) + "' object does not support item assignment");
}
KRAIT_OBJECT_DECL void delitem(const object& o, const object& key) {
    if (o.kind() == value_kind::dict) return dict::of(o).erase(key);
    if (o.kind() == value_kind::list) return list::of(o).erase(detail::index_of(key, "list"));
    if (detail::by_special("__delitem__", o, key)) return;
    const bool by_place = detail::is_int(key) && detail::has_places(o);
    if (by_place) (void)detail::index_word(key); // its error
    throw type_error("'" + detail::type_name_of(o) + (by_place ? "' object doesn't" : "' object does not") +
                     " support item deletion");
}

namespace detail {
// The items at [begin, end) go, these come.
inline void replace_items(list_body* l, std::int64_t begin, std::int64_t end, const list& with) {
    const auto more = static_cast<std::int64_t>(with.size());
    const std::int64_t old = l->size, size = old - (end - begin) + more;
    if (size == 0) return l->clear();
    std::vector<object> gone(static_cast<std::size_t>(end - begin));
    for (std::int64_t i = begin; i < end; ++i) gone[static_cast<std::size_t>(i - begin)].swap(l->items[i]);
    if (size > old) {
        l->resize(size);
        for (std::int64_t i = old; i-- > end;) l->items[i + size - old].swap(l->items[i]);
    } else {
        for (std::int64_t i = end; i < old; ++i) l->items[i + size - old].swap(l->items[i]);
        if (size < old) l->resize(size);
    }
    for (std::int64_t i = 0; i < more; ++i) l->items[begin + i] = with[i];
}
} // namespace detail

KRAIT_OBJECT_DECL void setitem(const object& o, const slice& s, const object& items) {
    if (o.kind() == value_kind::dict) detail::fail_slice_key();
    if (o.kind() != value_kind::list)
        throw type_error("'" + detail::type_name_of(o) + "' object does not support item assignment");
    auto* const l = detail::body<detail::list_body>(o);
    auto b = s.of(l->count());
    const bool simple = b.step == 1;
    if (items.kind() != value_kind::list && items.kind() != value_kind::tuple) try {
            (void)iter(items);
        } catch (const type_error&) {
            throw type_error(simple ? "can only assign an iterable" : "must assign iterable to extended slice");
        }
    const list with = list_of(items); // may run code of others, which may change the list
    if (simple) {
        const std::int64_t begin = std::min(b.first, l->size), end = std::min(b.first + b.size, l->size);
        return detail::replace_items(l, begin, end, with);
    }
    b = s.of(l->count());
    if (static_cast<std::int64_t>(with.size()) != b.size)
        throw value_error("attempt to assign sequence of size " + std::to_string(with.size()) +
                          " to extended slice of size " + std::to_string(b.size));
    for (std::int64_t i = 0; i < b.size; ++i) {
        object item = with[i];
        l->items[b[i]].swap(item);
    }
}
KRAIT_OBJECT_DECL void delitem(const object& o, const slice& s) {
    if (o.kind() == value_kind::dict) detail::fail_slice_key();
    if (o.kind() != value_kind::list)
        throw type_error("'" + detail::type_name_of(o) + "' object does not support item deletion");
    auto* const l = detail::body<detail::list_body>(o);
    const auto b = s.of(l->count());
    if (b.size == 0) return;
    if (b.step == 1) return detail::replace_items(l, b.first, b.first + b.size, list());
    std::vector<object> gone(static_cast<std::size_t>(b.size));
    for (std::int64_t i = 0; i < b.size; ++i) gone[static_cast<std::size_t>(i)].swap(l->items[b[i]]);
    std::int64_t to = 0;
    for (std::int64_t i = 0; i < l->size; ++i)
        if (l->items[i]) l->items[to++].swap(l->items[i]);
    l->resize(to);
}

KRAIT_OBJECT_DECL bool contains(const object& in, const object& what) {
    using namespace detail;
    const object o = in, item = what; // a comparison may drop them
    switch (o.kind()) {
    case value_kind::dict:
        return dict::of(o).contains(item);
    case value_kind::set:
    case value_kind::frozenset:
        return in_set_like(o, item);
    case value_kind::view:
        if (is_set_view(o)) return in_set_like(o, item);
        break;
    case value_kind::range:
        if (is_int(item)) return place_in_range(o, item) >= 0;
        break;
    case value_kind::string: {
        if (item.kind() != value_kind::string)
            throw type_error("'in <string>' requires string as left operand, not " + type_name_of(item));
        return str(o).utf8().find(str(item).utf8()) != std::string::npos;
    }
    case value_kind::bytes:
        if (is_int(item)) {
            const std::int64_t byte = body<const int_body>(item)->is_short() ? word_of(item) : -1;
            if (byte < 0 || byte > 255) throw value_error("byte must be in range(0, 256)");
            return bytes(o).view().find(static_cast<char>(byte)) != std::string_view::npos;
        }
        return bytes(o).view().find(bytes(item).view()) != std::string_view::npos;
    default:
        if (const object own = by_special("__contains__", o, item)) return truth_of(own);
        try {
            (void)iter(o);
        } catch (const type_error&) {
            throw type_error("argument of type '" + type_name_of(o) + "' is not iterable");
        }
    }
    for (const object& other : each(o))
        if (same_or_equal(other, item)) return true;
    return false;
}

namespace detail {

enum class bits { either, both, one };
inline object by_bits(bits which, const char* op, const char* special, const object& a, const object& b) {
    if (is_int(a) && is_int(b)) {
        const bool bools = a.kind() == value_kind::boolean && b.kind() == value_kind::boolean;
        if (both_short(a, b)) {
            const std::int64_t x = word_of(a), y = word_of(b);
            const std::int64_t z = which == bits::either ? x | y : which == bits::both ? x & y : x ^ y;
            return bools ? boolean_of(z != 0) : integer_of(z);
        }
        return by_gmp(a, b, which == bits::either ? mpz_ior : which == bits::both ? mpz_and : mpz_xor);
    }
    const bool views = is_set_view(a) || is_set_view(b);
    if ((views && a.kind() != value_kind::instance) || (is_set(a) && is_set(b))) {
        const object x = views ? set_of(a) : a, y = views ? set_of(b) : b; // beside a view, of all that can be walked
        return which == bits::either ? union_of(x, y)
               : which == bits::both ? intersection_of(x, y)
                                     : symmetric_difference_of(x, y);
    }
    if (which == bits::either && a.kind() == value_kind::dict && b.kind() == value_kind::dict) {
        const dict sum = dict::of(a).copy();
        sum.update(dict::of(b));
        return sum;
    }
    if (object own = by_operator(special, a, b)) return own;
    fail_operands(op, a, b);
}
inline object shifted(const char* op, const object& a, const object& b, bool left) {
    if (!is_int(a) || !is_int(b)) {
        if (object own = by_operator(left ? "__lshift__" : "__rshift__", a, b)) return own;
        fail_operands(op, a, b);
    }
    if (body<const int_body>(b)->size < 0) throw value_error("negative shift count");
    const bool small = body<const int_body>(b)->is_short();
    if (body<const int_body>(a)->size == 0) return 0;
    if (!small && left) throw overflow_error("too many digits in integer");
    if (!small) return body<const int_body>(a)->size < 0 ? -1 : 0;
    if (left) check_room(bits_of(a) + static_cast<double>(word_of(b)));
    const big_int x(a);
    big_int z;
    const auto by = static_cast<mp_bitcnt_t>(word_of(b));
    left ? mpz_mul_2exp(z.get(), x.get(), by) : mpz_fdiv_q_2exp(z.get(), x.get(), by);
    return z.value();
}

} // namespace detail

KRAIT_OBJECT_DECL object bit_or(const object& a, const object& b) {
    return detail::by_bits(detail::bits::either, "|", "__or__", a, b);
}
KRAIT_OBJECT_DECL object bit_and(const object& a, const object& b) {
    return detail::by_bits(detail::bits::both, "&", "__and__", a, b);
}
KRAIT_OBJECT_DECL object bit_xor(const object& a, const object& b) {
    return detail::by_bits(detail::bits::one, "^", "__xor__", a, b);
}
KRAIT_OBJECT_DECL object shift_left(const object& a, const object& b) { return detail::shifted("<<", a, b, true); }
KRAIT_OBJECT_DECL object shift_right(const object& a, const object& b) { return detail::shifted(">>", a, b, false); }
KRAIT_OBJECT_DECL object invert(const object& a) {
    if (object special = detail::by_special("__invert__", a)) return special;
    if (!detail::is_int(a)) throw type_error("bad operand type for unary ~: '" + detail::type_name_of(a) + "'");
    return subtract(-1, a);
}
KRAIT_OBJECT_DECL object absolute(const object& a) {
    if (detail::is_int(a)) return detail::body<const detail::int_body>(a)->size < 0 ? negate(a) : detail::as_int(a);
    if (a.kind() == value_kind::floating) return std::fabs(detail::float_value_of(a));
    if (object special = detail::by_special("__abs__", a)) return special;
    throw type_error("bad operand type for abs(): '" + detail::type_name_of(a) + "'");
}

} // namespace krait
