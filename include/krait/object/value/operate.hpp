// The operators by their text, as an interpreter has them: operate("+", a, b), operate_in_place("|", a, b).
#pragma once

#include <krait/object/value/format.hpp>

namespace krait {

// a op b, by the operator's text: + - * / // % ** | & ^ << >>, and < <= > >= == !=.
object operate(std::string_view op, const object& a, const object& b);
// a op= b: what a is afterwards. Lists, sets and dicts change; of others it is a op b.
object operate_in_place(std::string_view op, const object& a, const object& b);

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/operate.hpp>
#endif
