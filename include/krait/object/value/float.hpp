// float_: a double. |head| value 8 |: 24 bytes. A free list keeps up to 100.
#pragma once

#include <string>

#include <krait/object/value/int.hpp>

namespace krait {
namespace detail {

struct float_body {
    double value;
};
extern const type_record float_blocks;
inline constinit thread_local parking floats{};

inline double float_value_of(const object& o) noexcept { return body<const float_body>(o)->value; }

// The shortest text that reads back as the number; an exponent from 1e16 on and below 1e-4.
void append_double(std::string& out, double value);

extern const value_record float_record;

inline object floating_of(double value) {
    void* block = floats.take(float_blocks);
    if (block == nullptr) block = new_block(atom_offset + sizeof(float_body));
    auto* const body = begin_atom<float_body>(block, float_record);
    body->value = value;
    return adopt(body);
}

extern const value_record none_record;
extern const value_record not_implemented_record;
// `body` is where a value of no size is.
struct alignas(16) static_none {
    object_head head;
    char body;
    explicit static_none(const value_record& record) noexcept : body(0) { write_static_head(&head, record); }
};
[[gnu::visibility("default")]] inline static_none nothing_at_all{none_record};
[[gnu::visibility("default")]] inline static_none no_answer{not_implemented_record};

} // namespace detail

class float_ : public object {
  public:
    float_(double value = 0) : object(value) {}
    double value() const noexcept { return detail::float_value_of(*this); }
};

inline object none() noexcept { return detail::single(&detail::nothing_at_all.body); }
inline const object None = none();
// What a special method answers that leaves an operator to the other operand.
inline const object NotImplemented = detail::single(&detail::no_answer.body);
inline const object True = detail::boolean_of(true);
inline const object False = detail::boolean_of(false);

inline bool is_none(const object& o) noexcept { return o.get() == &detail::nothing_at_all.body; }
inline bool is_not_implemented(const object& o) noexcept { return o.get() == &detail::no_answer.body; }

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/float.hpp>
#endif
