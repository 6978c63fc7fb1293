// The operators.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include <krait/object/value/ops.hpp>
#include <krait/object/value/set_algebra.hpp>

namespace krait {
namespace detail {

inline double bits_of(const object& o) noexcept {
    return static_cast<double>(body<const int_body>(o)->digits()) * digit_bits;
}
template <class F>
object by_gmp(const object& a, const object& b, F&& f) {
    const big_int x(a), y(b);
    big_int z;
    f(z.get(), x.get(), y.get());
    return z.value();
}

KRAIT_OBJECT_DECL void fail_operands(const char* op, const object& a, const object& b) {
    throw type_error(std::string("unsupported operand type(s) for ") + op + ": '" + type_name_of(a) + "' and '" +
                     type_name_of(b) + "'");
}
KRAIT_OBJECT_DECL double to_double(const object& o) {
    if (o.kind() == value_kind::floating) return float_value_of(o);
    const auto* const i = body<const int_body>(o);
    if (i->size >= -1 && i->size <= 1) return static_cast<double>(i->word());
    const big_int big(o);
    if (mpz_sizeinbase(big.get(), 2) <= 53) return mpz_get_d(big.get());
    // mpz_get_d truncates; Python rounds to even: keep 64 bits, the lowest of them saying whether anything was lost.
    const std::size_t bits = mpz_sizeinbase(big.get(), 2);
    if (bits > 1024) throw overflow_error("int too large to convert to float");
    big_int top;
    const std::size_t shift = bits > 64 ? bits - 64 : 0;
    mpz_tdiv_q_2exp(top.get(), big.get(), shift);
    std::uint64_t word = 0;
    mpz_export(&word, nullptr, -1, sizeof word, 0, 0, top.get());
    if (shift != 0 && mpz_scan1(big.get(), 0) < shift) word |= 1;
    const double magnitude = std::ldexp(static_cast<double>(word), static_cast<int>(shift));
    if (std::isinf(magnitude)) throw overflow_error("int too large to convert to float");
    return mpz_sgn(big.get()) < 0 ? -magnitude : magnitude;
}
KRAIT_OBJECT_DECL void check_room(double bits) {
    constexpr double most = 64.0 * (1 << 30), worth_a_try = 1 << 26;
    if (bits >= most) throw memory_error();
    if (bits < worth_a_try) return;
    void* const room = std::malloc(static_cast<std::size_t>(bits / 8) * 3); // the result, and what GMP works in
    if (room == nullptr) throw memory_error();
    std::free(room);
}
inline std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
inline double floor_mod(double a, double b) noexcept {
    double mod = std::fmod(a, b);
    if (mod != 0 ? (b < 0) != (mod < 0) : false) mod += b;
    return mod != 0 ? mod : std::copysign(0.0, b);
}
inline double floor_div(double a, double b) noexcept {
    double mod = std::fmod(a, b);
    double div = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) div -= 1.0;
    if (div == 0) return std::copysign(0.0, a / b);
    const double floored = std::floor(div);
    return div - floored > 0.5 ? floored + 1.0 : floored;
}
inline std::size_t how_often(const object& count) {
    try {
        return static_cast<std::size_t>(std::max<std::int64_t>(int_::to_int64(count), 0));
    } catch (const overflow_error&) {
        throw overflow_error("cannot fit 'int' into an index-sized integer");
    }
}
// The first `once` bytes again and again, to the end.
inline void fill_by_copies(char* bytes, std::size_t once, std::size_t size) noexcept {
    for (std::size_t done = once; done < size; done *= 2) std::memcpy(bytes + done, bytes, std::min(done, size - done));
}
inline object repeated(const object& sequence, const object& count) {
    const std::size_t times = how_often(count);
    const auto check = [&](std::size_t size, std::size_t of_item) {
        if (size != 0 && times > PTRDIFF_MAX / of_item / size) throw memory_error();
    };
    if (sequence.kind() == value_kind::string) {
        if (body<str_body>(sequence)->size() == 0) return sequence;
        const auto* const once = body<const str_body>(sequence);
        check(once->size(), sizeof(char32_t));
        if (times == 0) return empty_string();
        if (times == 1) return sequence;
        str_body* const all = new_str(once->size() * times, once->width, once->ascii);
        std::memcpy(all->data(), once->data(), once->size() * once->width);
        fill_by_copies(static_cast<char*>(all->data()), once->size() * once->width, all->size() * all->width);
        return adopt(all);
    }
    if (sequence.kind() == value_kind::bytes) {
        const std::string_view view = bytes(sequence).view();
        if (view.empty() || times == 1) return sequence;
        check(view.size(), 1);
        std::string all(view.size() * times, '\0');
        if (times != 0) view.copy(all.data(), view.size());
        fill_by_copies(all.data(), view.size(), all.size());
        return bytes(all);
    }
    if (sequence.kind() == value_kind::tuple) {
        const tuple t = tuple::of(sequence);
        if (times == 1) return t;
        check(t.size(), sizeof(object));
        return tuple_of(t.size() * times, [&](std::size_t i) { return t.begin()[i % t.size()]; });
    }
    const list l = list::of(sequence);
    check(l.size(), sizeof(object));
    object made = new_list(l.size() * times);
    const list result = list::of(made);
    const auto size = static_cast<std::int64_t>(l.size()); // now: the new list may have set off a finalizer
    for (std::size_t i = 0; size != 0 && i < times; ++i)
        for (std::int64_t j = 0; j < size; ++j) result.append(l[j]);
    return made;
}
inline bool is_sequence(const object& o) noexcept {
    const value_kind k = o.kind();
    return k == value_kind::string || k == value_kind::bytes || k == value_kind::tuple || k == value_kind::list;
}
// What a or b has, if one of them is a dict's keys or items.
inline const set_operators* view_operators(const object& a, const object& b) noexcept {
    for (const object* const o : {&a, &b})
        if (o->kind() == value_kind::view)
            if (const auto* const record = value_record_of(*o); record->as_set != nullptr) return record->as_set;
    return nullptr;
}
// The special method of a's class, if a is an instance whose class has it.
inline object special_of(std::string_view name, const object& a) {
    return a.kind() == value_kind::instance ? find_in_class(body<instance_body>(a)->type, str(name)) : object();
}
KRAIT_OBJECT_DECL object by_special(std::string_view name, const object& a) {
    const object method = special_of(name, a);
    return method ? call(method, a) : object();
}
KRAIT_OBJECT_DECL object by_special(std::string_view name, const object& a, const object& b) {
    const object method = special_of(name, a);
    return method ? call(method, a, b) : object();
}
KRAIT_OBJECT_DECL object answer_to(std::string_view name, const object& a, const object& b) {
    object said = by_special(name, a, b);
    return is_not_implemented(said) ? object() : said;
}
KRAIT_OBJECT_DECL object by_operator(std::string_view name, const object& a, const object& b) {
    const bool a_may = a.kind() == value_kind::instance, b_may = b.kind() == value_kind::instance;
    if (!a_may && !b_may) return {};
    if (a_may && b_may && body<instance_body>(a)->type.is(body<instance_body>(b)->type)) return answer_to(name, a, b);
    const std::string mirrored = std::string("__r").append(name.substr(2));
    const bool b_first = is_of_subclass(b, a) && !special_of(mirrored, b).is(special_of(mirrored, a));
    if (b_first)
        if (object made = answer_to(mirrored, b, a)) return made;
    if (object made = answer_to(name, a, b)) return made;
    return b_first ? object() : answer_to(mirrored, b, a);
}
// a op b of < > <= >= by a's method, or by b's for the mirrored question; first by b's if its class is a subclass.
inline object by_comparison(std::string_view op, const object& a, const object& b) {
    const bool less = op[0] == '<', or_equal = op.size() == 2;
    const char* const names[] = {or_equal ? "__ge__" : "__gt__", or_equal ? "__le__" : "__lt__"};
    const bool b_first = is_of_subclass(b, a);
    if (b_first)
        if (object said = answer_to(names[!less], b, a)) return said;
    if (object said = answer_to(names[less], a, b)) return said;
    return b_first ? object() : answer_to(names[!less], b, a);
}

object add_any(const object& a, const object& b);
object subtract_any(const object& a, const object& b);
} // namespace detail

// What most operands are saves no register of its caller.
KRAIT_OBJECT_DECL object add(const object& a, const object& b) {
    using namespace detail;
    return both_short_ints(a, b) ? integer_of(word_of(a) + word_of(b)) : add_any(a, b);
}
KRAIT_OBJECT_DECL object subtract(const object& a, const object& b) {
    using namespace detail;
    return both_short_ints(a, b) ? integer_of(word_of(a) - word_of(b)) : subtract_any(a, b);
}
inline object detail::add_any(const object& a, const object& b) {
    if (is_int(a) && is_int(b)) return by_gmp(a, b, mpz_add);
    if (is_number(a) && is_number(b)) return floating_of(to_double(a) + to_double(b));
    if (object special = by_operator("__add__", a, b)) return special;
    if (a.kind() == value_kind::string && b.kind() == value_kind::string)
        return static_cast<const str&>(a) + static_cast<const str&>(b); // a str adds nothing to an object
    if (a.kind() == value_kind::string)
        throw type_error("can only concatenate str (not \"" + type_name_of(b) + "\") to str");
    // What never changes may be its own sum with nothing.
    if (a.kind() == value_kind::bytes && b.kind() == value_kind::bytes &&
        (bytes(a).size() == 0 || bytes(b).size() == 0))
        return bytes(a).size() == 0 ? b : a;
    if (a.kind() == value_kind::bytes && b.kind() == value_kind::bytes)
        return bytes(std::string(bytes(a).view()).append(bytes(b).view()));
    if (a.kind() == value_kind::bytes) throw type_error("can't concat " + type_name_of(b) + " to bytes");
    if (a.kind() == value_kind::tuple && b.kind() == value_kind::tuple) {
        const tuple x = tuple::of(a), y = tuple::of(b);
        if (x.size() == 0 || y.size() == 0) return x.size() == 0 ? b : a;
        return tuple_of(x.size() + y.size(),
                        [&](std::size_t i) { return i < x.size() ? x.begin()[i] : y.begin()[i - x.size()]; });
    }
    if (a.kind() == value_kind::list && b.kind() == value_kind::list) {
        const list x = list::of(a), y = list::of(b);
        object made = new_list(x.size() + y.size());
        const list sum = list::of(made);
        for (const object& o : x) sum.append(o);
        for (const object& o : y) sum.append(o);
        return made;
    }
    if (a.kind() == value_kind::list || a.kind() == value_kind::tuple)
        throw type_error("can only concatenate " + type_name_of(a) + " (not \"" + type_name_of(b) + "\") to " +
                         type_name_of(a));
    fail_operands("+", a, b);
}
inline object detail::subtract_any(const object& a, const object& b) {
    if (is_int(a) && is_int(b)) return by_gmp(a, b, mpz_sub);
    if (is_number(a) && is_number(b)) return floating_of(to_double(a) - to_double(b));
    if (is_set(a) && is_set(b)) {
        const object x = a, y = b; // a comparison may drop them
        return difference_of(x, y);
    }
    if (object special = by_operator("__sub__", a, b)) return special;
    if (const auto* const views = view_operators(a, b)) return views->difference(a, b);
    fail_operands("-", a, b);
}
KRAIT_OBJECT_DECL object multiply(const object& a, const object& b) {
    using namespace detail;
    if (is_int(a) && is_int(b)) {
        std::int64_t product;
        if (both_short(a, b) && !__builtin_mul_overflow(word_of(a), word_of(b), &product)) return integer_of(product);
        check_room(bits_of(a) + bits_of(b));
        return by_gmp(a, b, mpz_mul);
    }
    if (is_number(a) && is_number(b)) return floating_of(to_double(a) * to_double(b));
    if (object special = by_operator("__mul__", a, b)) return special;
    if (is_sequence(a) && is_int(b)) return repeated(a, b);
    if (is_sequence(b) && is_int(a)) return repeated(b, a);
    if (const object times = is_sequence(a) ? index_said(b) : is_sequence(b) ? index_said(a) : object())
        return repeated(is_sequence(a) ? a : b, times);
    if (is_sequence(a) || is_sequence(b))
        throw type_error("can't multiply sequence by non-int of type '" + type_name_of(is_sequence(a) ? b : a) + "'");
    fail_operands("*", a, b);
}
KRAIT_OBJECT_DECL object divide(const object& a, const object& b) {
    using namespace detail;
    if (!is_number(a) || !is_number(b)) {
        if (object special = by_operator("__truediv__", a, b)) return special;
        fail_operands("/", a, b);
    }
    const bool ints = is_int(a) && is_int(b);
    const double divisor = ints && !body<const int_body>(b)->is_short() ? 1 : to_double(b);
    if (divisor == 0) throw zero_division_error(ints ? "division by zero" : "float division by zero");
    const auto exact = [](const object& i) { // as a double, without a rounding
        const std::int64_t w = word_of(i);
        return w >= -(std::int64_t{1} << 53) && w <= std::int64_t{1} << 53;
    };
    if (!ints || (both_short(a, b) && exact(a) && exact(b))) return floating_of(to_double(a) / to_double(b));
    // Rounded once: the quotient with 66 bits or more, its last bit for what is left.
    const big_int x(a), y(b);
    const auto bits = [](const big_int& i) { return static_cast<long>(mpz_sizeinbase(i.get(), 2)); };
    if (mpz_sgn(x.get()) == 0) return floating_of(mpz_sgn(y.get()) < 0 ? -0.0 : 0.0);
    long shift = 66 - (bits(x) - bits(y));
    if (shift < -1100) throw overflow_error("integer division result too large for a float");
    shift = std::min(shift, 1100L); // below the least double, what is lost does not matter
    big_int scaled, quotient, rest;
    if (shift >= 0)
        mpz_mul_2exp(scaled.get(), x.get(), static_cast<mp_bitcnt_t>(shift));
    else
        mpz_set(scaled.get(), x.get());
    big_int by;
    mpz_mul_2exp(by.get(), y.get(), shift < 0 ? static_cast<mp_bitcnt_t>(-shift) : 0);
    mpz_tdiv_qr(quotient.get(), rest.get(), scaled.get(), by.get());
    // A double's 53 bits, rounded to even by hand: the exponent may be subnormal.
    const int sign =
        mpz_sgn(quotient.get()) < 0 || (mpz_sgn(quotient.get()) == 0 && mpz_sgn(x.get()) != mpz_sgn(y.get())) ? -1 : 1;
    mpz_abs(quotient.get(), quotient.get());
    long extra = bits(quotient) - 53;
    if (extra - shift < -1074) extra = shift - 1074;
    if (mpz_sgn(quotient.get()) != 0 && extra > 0) {
        big_int kept;
        mpz_tdiv_q_2exp(kept.get(), quotient.get(), static_cast<mp_bitcnt_t>(extra));
        const auto half = static_cast<mp_bitcnt_t>(extra - 1);
        const bool above = mpz_scan1(quotient.get(), 0) < half || mpz_sgn(rest.get()) != 0;
        if (mpz_tstbit(quotient.get(), half) != 0 && (above || mpz_odd_p(kept.get()) != 0))
            mpz_add_ui(kept.get(), kept.get(), 1);
        const double result = std::ldexp(mpz_get_d(kept.get()), static_cast<int>(extra - shift));
        if (std::isinf(result)) throw overflow_error("integer division result too large for a float");
        return floating_of(sign * result);
    }
    return floating_of(sign * std::ldexp(mpz_get_d(quotient.get()), static_cast<int>(-shift)));
}
KRAIT_OBJECT_DECL object floordiv(const object& a, const object& b) {
    using namespace detail;
    if (is_int(a) && is_int(b)) {
        if (body<const int_body>(b)->size == 0) throw zero_division_error("integer division or modulo by zero");
        return both_short(a, b) ? integer_of(floor_div(word_of(a), word_of(b))) : by_gmp(a, b, mpz_fdiv_q);
    }
    if (!is_number(a) || !is_number(b)) {
        if (object special = by_operator("__floordiv__", a, b)) return special;
        fail_operands("//", a, b);
    }
    const double divisor = to_double(b);
    if (divisor == 0) throw zero_division_error("float floor division by zero");
    return floating_of(floor_div(to_double(a), divisor));
}
KRAIT_OBJECT_DECL object modulo(const object& a, const object& b) {
    using namespace detail;
    if (is_int(a) && is_int(b)) {
        if (body<const int_body>(b)->size == 0) throw zero_division_error("integer modulo by zero");
        const auto *const x = body<const int_body>(a), *const y = body<const int_body>(b);
        if (x->digits() < y->digits() && x->size != 0 && (x->size < 0) == (y->size < 0)) return as_int(a);
        if (!both_short(a, b)) return by_gmp(a, b, mpz_fdiv_r);
        return integer_of(word_of(a) - floor_div(word_of(a), word_of(b)) * word_of(b));
    }
    if (!is_number(a) || !is_number(b)) {
        if (object special = by_operator("__mod__", a, b)) return special;
        fail_operands("%", a, b);
    }
    const double divisor = to_double(b);
    if (divisor == 0) throw zero_division_error("float modulo");
    return floating_of(floor_mod(to_double(a), divisor));
}
KRAIT_OBJECT_DECL object power(const object& a, const object& b) {
    using namespace detail;
    if (is_int(a) && is_int(b) && body<const int_body>(b)->size >= 0) {
        if (body<const int_body>(a)->is_short() && word_of(a) >= -1 && word_of(a) <= 1 &&
            body<const int_body>(b)->size != 0)
            return word_of(a) < 0 && (body<const int_body>(b)->digit()[0] & 1) == 0 ? object(1)
                                                                                    : integer_of(word_of(a));
        if (!body<const int_body>(b)->is_short()) throw memory_error();
        const std::int64_t exponent = word_of(b);
        const big_int x(a);
        check_room(static_cast<double>(mpz_sizeinbase(x.get(), 2) - 1) * static_cast<double>(exponent));
        big_int z;
        mpz_pow_ui(z.get(), x.get(), static_cast<unsigned long>(exponent));
        return z.value();
    }
    if (!is_number(a) || !is_number(b)) {
        if (object special = by_operator("__pow__", a, b)) return special;
        fail_operands("** or pow()", a, b);
    }
    const double base = to_double(a), exponent = to_double(b);
    if (base == 0 && exponent < 0 && std::isfinite(exponent))
        throw zero_division_error("0.0 cannot be raised to a negative power");
    if (base < 0 && std::isfinite(exponent) && exponent != std::floor(exponent))
        throw value_error("a negative number to a fractional power is complex, and there is no complex");
    const double result = std::pow(base, exponent);
    if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
        throw overflow_error("(34, 'Numerical result out of range')");
    return floating_of(result);
}
KRAIT_OBJECT_DECL object negate(const object& a) {
    if (detail::is_int(a)) return subtract(0, a);
    if (a.kind() == value_kind::floating) return detail::floating_of(-detail::float_value_of(a));
    if (object special = detail::by_special("__neg__", a)) return special;
    throw type_error("bad operand type for unary -: '" + detail::type_name_of(a) + "'");
}
KRAIT_OBJECT_DECL std::partial_ordering compare(const object& a, const object& b, const char* op) {
    using namespace detail;
    const auto of = [](int order) { return order == 2 ? std::partial_ordering::unordered : order <=> 0; };
    if (is_int(a) && is_int(b)) return of(compare_ints(a, b));
    if (is_number(a) && is_number(b)) {
        if (is_int(a)) return of(compare_int_float(a, float_value_of(b)));
        if (is_int(b)) return 0 <=> of(compare_int_float(b, float_value_of(a)));
        return float_value_of(a) <=> float_value_of(b);
    }
    if (a.kind() == value_kind::string && b.kind() == value_kind::string) {
        const auto *const x = body<const str_body>(a), *const y = body<const str_body>(b);
        if (x->width == 1 && y->width == 1) {
            const int order = std::memcmp(x->data(), y->data(), std::min(x->size(), y->size()));
            return order != 0 ? order <=> 0 : x->length <=> y->length;
        }
        for (std::size_t i = 0; i < x->size() && i < y->size(); ++i)
            if (x->at(i) != y->at(i)) return x->at(i) <=> y->at(i);
        return x->length <=> y->length;
    }
    if (a.kind() == value_kind::bytes && b.kind() == value_kind::bytes)
        return bytes(a).view().compare(bytes(b).view()) <=> 0;
    const auto sequences = [&](const auto& x, const auto& y) -> std::partial_ordering {
        const recursion_guard guard(in_comparison);
        for (std::int64_t i = 0; i < static_cast<std::int64_t>(std::min(x.size(), y.size())); ++i) {
            const object p = x[i], q = y[i];
            if (!same_or_equal(p, q)) return compare(p, q, op);
        }
        return x.size() <=> y.size();
    };
    if (a.kind() == value_kind::list && b.kind() == value_kind::list) return sequences(list::of(a), list::of(b));
    if (a.kind() == value_kind::tuple && b.kind() == value_kind::tuple) return sequences(tuple::of(a), tuple::of(b));
    if (is_set(a) && is_set(b)) {  // one holds the other, or there is no order
        const object x = a, y = b; // a comparison may drop them
        if (is_subset(x, y)) return set_at(x)->used <=> set_at(y)->used;
        return is_subset(y, x) ? std::partial_ordering::greater : std::partial_ordering::unordered;
    }
    if (const auto* const views = view_operators(a, b))
        if ((is_set(a) || view_operators(a, a) != nullptr) && (is_set(b) || view_operators(b, b) != nullptr))
            return views->order(a, b);
    if (const object said = by_comparison(op, a, b)) {
        if (!truth_of(said)) return std::partial_ordering::unordered;
        return std::string_view(op).size() == 2 ? std::partial_ordering::equivalent
               : *op == '<'                     ? std::partial_ordering::less
                                                : std::partial_ordering::greater;
    }
    throw type_error(std::string("'") + op + "' not supported between instances of '" + type_name_of(a) + "' and '" +
                     type_name_of(b) + "'");
}

namespace detail {

inline std::size_t length_told(const object& o) {
    const object said = indexed(o);
    if (is_int(said) && body<const int_body>(said)->size < 0) throw value_error("__len__() should return >= 0");
    return how_often(said);
}

} // namespace detail

KRAIT_OBJECT_DECL std::size_t len(const object& o) {
    switch (o.kind()) {
    case value_kind::string:
        return str(o).size();
    case value_kind::bytes:
        return bytes(o).size();
    case value_kind::tuple:
        return tuple::of(o).size();
    case value_kind::list:
        return list::of(o).size();
    case value_kind::dict:
        return dict::of(o).size();
    case value_kind::instance:
        if (const object method = detail::special_method(o, &detail::special_names::len))
            return detail::length_told(call(method, o));
        break;
    default:
        if (const auto* const record = detail::value_record_of(o); record != nullptr && record->length != nullptr)
            return record->length(o.get());
        break;
    }
    throw type_error("object of type '" + detail::type_name_of(o) + "' has no len()");
}

namespace detail {

KRAIT_OBJECT_DECL bool truth_of(const object& o) {
    switch (o.kind()) {
    case value_kind::none:
        return false;
    case value_kind::boolean:
    case value_kind::integer:
        return body<const int_body>(o)->size != 0;
    case value_kind::floating:
        return float_value_of(o) != 0;
    case value_kind::string:
    case value_kind::bytes:
    case value_kind::tuple:
    case value_kind::list:
    case value_kind::dict:
    case value_kind::set:
        return len(o) != 0;
    case value_kind::instance:
        if (const object method = special_method(o, &special_names::bool_)) {
            const object said = call(method, o);
            if (said.kind() != value_kind::boolean)
                throw type_error("__bool__ should return bool, returned " + type_name_of(said));
            return truth_of(said);
        }
        if (special_method(o, &special_names::len)) return len(o) != 0;
        return true;
    default:
        if (const value_record* const record = value_record_of(o); record != nullptr && record->length != nullptr)
            return record->length(o.get()) != 0;
        return static_cast<bool>(o);
    }
}

} // namespace detail

KRAIT_OBJECT_DECL std::string to_text(const object& o) {
    if (o.kind() == value_kind::string) return str(o).utf8();
    if (o.kind() == value_kind::instance)
        if (const object method = detail::special_method(o, &detail::special_names::str_))
            return str(detail::text_said(call(method, o), "__str__")).utf8();
    return repr(o);
}

} // namespace krait
