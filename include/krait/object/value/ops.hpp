// Operators on values, with Python's meanings, results and errors: + - * / floordiv % pow, ordering, truth, len, str().
#pragma once

#include <compare>

#include <krait/object/value/bytes.hpp>
#include <krait/object/value/float.hpp>
#include <krait/object/value/instance.hpp>
#include <krait/object/value/set.hpp>

namespace krait {
namespace detail {

[[noreturn, gnu::cold]] void fail_operands(const char* op, const object& a, const object& b);
inline bool is_number(const object& o) noexcept { return is_int(o) || o.kind() == value_kind::floating; }

double to_double(const object& o);

inline bool both_short(const object& a, const object& b) noexcept {
    return body<const int_body>(a)->is_short() && body<const int_body>(b)->is_short();
}
// Whether both are ints, not bools, of at most two digits: what most operands are.
[[gnu::always_inline]] inline bool both_short_ints(const object& a, const object& b) noexcept {
    return a.kind() == value_kind::integer && b.kind() == value_kind::integer && both_short(a, b);
}
[[gnu::always_inline]] inline std::int64_t word_of(const object& o) noexcept { return body<const int_body>(o)->word(); }

// GMP ends the process where there is no room for a result: what has this many bits is refused before.
void check_room(double bits);

object by_special(std::string_view name, const object& a);
object by_special(std::string_view name, const object& a, const object& b);
// The same of a method that may leave the question to the other operand.
object answer_to(std::string_view name, const object& a, const object& b);
// a op b by a's __op__, or by b's __rop__, which comes first where b's class is a subclass that has one of its own.
object by_operator(std::string_view name, const object& a, const object& b);

} // namespace detail

object add(const object& a, const object& b);
object subtract(const object& a, const object& b);
object multiply(const object& a, const object& b);
object divide(const object& a, const object& b);
object floordiv(const object& a, const object& b);
namespace detail {
// An int as it is; of a bool the number.
inline object as_int(const object& o) { return o.kind() == value_kind::boolean ? integer_of(word_of(o)) : o; }
} // namespace detail
object modulo(const object& a, const object& b);
object power(const object& a, const object& b);
object negate(const object& a);

inline object operator+(const object& a, const object& b) { return add(a, b); }
inline object operator-(const object& a, const object& b) { return subtract(a, b); }
inline object operator*(const object& a, const object& b) { return multiply(a, b); }
inline object operator/(const object& a, const object& b) { return divide(a, b); }
inline object operator%(const object& a, const object& b) { return modulo(a, b); }
inline object operator-(const object& a) { return negate(a); }

// a < b and the like; unordered with a nan. Throws type_error for what has no order. `op` is what is asked: the error
// says it, and instances answer only that, so their order holds for op alone: unordered where the answer is no.
std::partial_ordering compare(const object& a, const object& b, const char* op = "<");

// Throws type_error for what has none.
std::size_t len(const object& o);

namespace detail {
bool truth_of(const object& o);
} // namespace detail
inline bool truth(const object& o) { return detail::truth_of(o); }

// Python's str(): a string as it is, others as repr.
std::string to_text(const object& o);

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/ops.hpp>
#endif
