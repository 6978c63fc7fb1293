// The operators by their text.
#pragma once

#include <krait/object/value/impl/items.hpp>
#include <krait/object/value/operate.hpp>

namespace krait {
namespace detail {
inline object remainder(const object& a, const object& b) {
    return a.kind() == value_kind::string ? object(format_percent(str(a), b)) : modulo(a, b);
}
} // namespace detail

KRAIT_OBJECT_DECL object operate(std::string_view op, const object& a, const object& b) {
    using detail::remainder;
    struct entry {
        std::string_view op;
        object (*code)(const object&, const object&);
    };
    static constexpr entry entries[] = {{"+", add},       {"-", subtract},  {"*", multiply},    {"/", divide},
                                        {"//", floordiv}, {"%", remainder}, {"**", power},      {"|", bit_or},
                                        {"&", bit_and},   {"^", bit_xor},   {"<<", shift_left}, {">>", shift_right}};
    for (const entry& e : entries)
        if (e.op == op) return e.code(a, b);
    if (op == "==") return a == b;
    if (op == "!=") return a != b;
    if (op == "<") return compare(a, b, "<") < 0;
    if (op == "<=") return compare(a, b, "<=") <= 0;
    if (op == ">") return compare(a, b, ">") > 0;
    if (op == ">=") return compare(a, b, ">=") >= 0;
    throw value_error("no such operator: " + std::string(op));
}
KRAIT_OBJECT_DECL object operate_in_place(std::string_view op, const object& a, const object& b) {
    using namespace detail;
    if (a.kind() == value_kind::list && op == "+") {
        extend_by(list::of(a), b);
        return a;
    }
    if (a.kind() == value_kind::list && op == "*" && is_int(b)) {
        setitem(a, slice(), multiply(a, b));
        return a;
    }
    if (a.kind() == value_kind::set && is_set(b)) {
        if (op == "|") return merge(set_at(a), set_at(b)), a;
        if (op == "-") return subtract_set(set_at(a), b), a;
        if (op == "^") return toggle(set_at(a), b), a;
        if (op == "&") {
            const object kept = intersection_of(a, b);
            set_at(a)->clear();
            merge(set_at(a), set_at(kept));
            return a;
        }
    }
    if (a.kind() == value_kind::dict && op == "|") {
        if (b.kind() == value_kind::dict)
            dict::of(a).update(dict::of(b));
        else
            for (const object& pair : each(b)) dict::of(a).set(getitem(pair, 0), getitem(pair, 1));
        return a;
    }
    if (a.kind() == value_kind::instance) {
        constexpr std::pair<std::string_view, std::string_view> names[] = {
            {"+", "__iadd__"},       {"-", "__isub__"}, {"*", "__imul__"},     {"/", "__itruediv__"},
            {"//", "__ifloordiv__"}, {"%", "__imod__"}, {"**", "__ipow__"},    {"|", "__ior__"},
            {"&", "__iand__"},       {"^", "__ixor__"}, {"<<", "__ilshift__"}, {">>", "__irshift__"}};
        for (const auto& [text, name] : names)
            if (text == op)
                if (object made = answer_to(name, a, b)) return made;
    }
    try {
        return operate(op, a, b);
    } catch (const type_error& e) { // the operator that was written
        const std::string usual =
            "unsupported operand type(s) for " + std::string(op == "**" ? "** or pow()" : op) + ":";
        const std::string_view said = e.what();
        if (!said.starts_with(usual)) throw;
        throw type_error(std::string("unsupported operand type(s) for ").append(op).append("=:") +=
                         said.substr(usual.size()));
    }
}

} // namespace krait
