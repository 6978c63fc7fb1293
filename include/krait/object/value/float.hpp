// float_: a double. |head| value 8 |: 24 bytes. A free list keeps up to 100.
#pragma once

#include <string>

#include <krait/object/value/int.hpp>

namespace krait {
namespace detail {

struct float_body {
    double value;
};
inline constexpr type_record float_blocks = parking_record("float", atom_offset + sizeof(float_body), 100);
inline constinit thread_local parking floats{};

object_head* destroy_float(object_head* head) noexcept;
inline double float_value_of(const object& o) noexcept { return body<const float_body>(o)->value; }

hash_type hash_float(const object& o);
bool equal_float(const object& a, const object& b);

// The shortest text that reads back as the number; an exponent from 1e16 on and below 1e-4.
void append_double(std::string& out, double value);
void repr_float(const object& o, std::string& out);
std::size_t size_of_float(const void*) noexcept;

inline constexpr value_record float_record =
    atom_record(value_kind::floating, "float", sizeof(float_body), destroy_float,
                {hash_float, equal_float, repr_float, size_of_float});

inline object floating_of(double value) {
    void* block = floats.take(float_blocks);
    if (block == nullptr) block = new_block(atom_offset + sizeof(float_body));
    auto* const body = begin_atom<float_body>(block, float_record);
    body->value = value;
    return adopt(body);
}

object_head* destroy_none(object_head*) noexcept;
void repr_none(const object&, std::string& out);
std::size_t size_of_none(const void*) noexcept;
void repr_not_implemented(const object&, std::string& out);
inline constexpr value_record none_record =
    atom_record(value_kind::none, "NoneType", 0, destroy_none, {nullptr, nullptr, repr_none, size_of_none});
inline constexpr value_record not_implemented_record =
    atom_record(value_kind::not_implemented, "NotImplementedType", 0, destroy_none,
                {nullptr, nullptr, repr_not_implemented, size_of_none});
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
