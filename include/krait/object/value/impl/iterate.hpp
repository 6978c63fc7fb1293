// How values are iterated over, sorted and added up.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include <krait/object/value/iterate.hpp>
#include <krait/object/value/set_algebra.hpp>

namespace krait {
namespace detail {

struct iterator_body {
    object (*step)(iterator_body&);
    object source;
    object other;
    std::int64_t at;
    std::uint64_t mark;

    template <class F>
    void each(F&& f) {
        f(source);
        f(other);
    }
    void clear() noexcept {
        source.reset();
        other.reset();
    }
    object end() noexcept {
        clear();
        return {};
    }
};

enum class iterator_type {
    list,
    tuple,
    ascii,
    text,
    bytes,
    set,
    keys,
    values,
    items,
    range,
    list_reversed,
    keys_reversed,
    values_reversed,
    items_reversed,
    reversed,
    enumerate,
    zip,
    map,
    filter,
    native,
    count,
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(iterator_type::count)> iterator_names{
    "list_iterator",
    "tuple_iterator",
    "str_ascii_iterator",
    "str_iterator",
    "bytes_iterator",
    "set_iterator",
    "dict_keyiterator",
    "dict_valueiterator",
    "dict_itemiterator",
    "range_iterator",
    "list_reverseiterator",
    "dict_reversekeyiterator",
    "dict_reversevalueiterator",
    "dict_reverseitemiterator",
    "reversed",
    "enumerate",
    "zip",
    "map",
    "filter",
    "generator"};
inline constexpr auto iterator_records = [] {
    std::array<value_record, iterator_names.size()> records{};
    for (std::size_t i = 0; i < records.size(); ++i)
        records[i] =
            container_record<iterator_body>(value_kind::iterator, iterator_names[i], destroy_plainly<iterator_body>,
                                            {nullptr, nullptr, nullptr, size_plainly<iterator_body>});
    return records;
}();

inline object new_iterator(iterator_type type, object (*step)(iterator_body&), const object& source,
                           std::int64_t at = 0, std::uint64_t mark = 0, const object& other = {}) {
    return new_plain<iterator_body>(iterator_records[static_cast<std::size_t>(type)], step, source, other, at, mark);
}

[[noreturn, gnu::cold]] inline void fail_range() { throw overflow_error("range beyond 63 bits"); }
struct range_body {
    std::int64_t first, last, step, size;

    // Modulo 2^64, as the way to an item may be longer than 63 bits tell.
    std::int64_t item(std::int64_t i) const noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) +
                                         static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(step));
    }
    // Of places beside the range too, whose numbers may not fit. Throws overflow_error.
    std::int64_t exact(std::int64_t i) const {
        std::int64_t number;
        if (__builtin_mul_overflow(i, step, &number) || __builtin_add_overflow(first, number, &number)) fail_range();
        return number;
    }
    // The place of a number, or -1.
    std::int64_t place(std::int64_t number) const noexcept {
        // Modulo 2^64: a number in the range is at most so far from the first one.
        const std::uint64_t n = static_cast<std::uint64_t>(number), from = static_cast<std::uint64_t>(first);
        const bool up = step > 0;
        if (size <= 0 || (up ? number < first : number > first)) return -1;
        const std::uint64_t away = up ? n - from : from - n,
                            stride = up ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
        return away % stride == 0 && away / stride < static_cast<std::uint64_t>(size)
                   ? static_cast<std::int64_t>(away / stride)
                   : -1;
    }
};
// The place of an int, or -1.
inline std::int64_t place_in_range(const object& range, const object& number) {
    const auto* const i = body<const int_body>(number);
    const bool fits = i->is_short() || (i->digits() == 3 && i->digit()[2] < 8); // below 2^63
    return fits ? body<const range_body>(range)->place(int_::to_int64(number)) : -1;
}
inline object_head* destroy_range(object_head* head) noexcept {
    free_block(head);
    return nullptr;
}
inline hash_type hash_range(const object& o) {
    const auto* const r = body<const range_body>(o);
    const object nothing = krait::none();
    return hash_of(tuple{r->size, r->size > 0 ? object(r->first) : nothing, r->size > 1 ? object(r->step) : nothing});
}
inline bool equal_range(const object& a, const object& b) {
    if (b.kind() != value_kind::range) return false;
    const auto *const x = body<const range_body>(a), *const y = body<const range_body>(b);
    return x->size == y->size && (x->size == 0 || (x->first == y->first && (x->size == 1 || x->step == y->step)));
}
inline void repr_range(const object& o, std::string& out) {
    const auto* const r = body<const range_body>(o);
    ((out += "range(") += std::to_string(r->first)) += ", ";
    out += std::to_string(r->last);
    if (r->step != 1) (out += ", ") += std::to_string(r->step);
    out += ')';
}
inline std::size_t size_of_range(const void*) noexcept { return atom_offset + sizeof(range_body); }
inline std::size_t length_of_range(const void* body) {
    return static_cast<std::size_t>(static_cast<const range_body*>(body)->size);
}
inline constexpr value_record range_record = [] {
    value_record record = atom_record(value_kind::range, "range", sizeof(range_body), destroy_range,
                                      {hash_range, equal_range, repr_range, size_of_range});
    record.length = length_of_range;
    return record;
}();

inline object range_of(std::int64_t first, std::int64_t last, std::int64_t step, std::int64_t size) {
    auto* const r = begin_atom<range_body>(new_block(atom_offset + sizeof(range_body)), range_record);
    *r = {first, last, step, size};
    return adopt(r);
}
// Throws overflow_error.
constexpr std::int64_t size_of_steps(std::int64_t first, std::int64_t last, std::int64_t step) {
    if (step > 0 ? first >= last : first <= last) return 0;
    const auto distance = step > 0 ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first)
                                   : static_cast<std::uint64_t>(first) - static_cast<std::uint64_t>(last);
    const auto stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
    // Short numbers are divided several times faster.
    const std::uint64_t steps = stride == 1 ? distance - 1
                                : ((distance | stride) >> 32) == 0
                                    ? static_cast<std::uint32_t>(distance - 1) / static_cast<std::uint32_t>(stride)
                                    : (distance - 1) / stride;
    const std::uint64_t size = steps + 1;
    if (size > static_cast<std::uint64_t>(PTRDIFF_MAX)) fail_range();
    return static_cast<std::int64_t>(size);
}

// ---- views

enum class dict_part : std::int64_t { keys, values, items };
struct view_body {
    object of;
    dict_part part;
    template <class F>
    void each(F&& f) {
        f(of);
    }
    void clear() noexcept { of.reset(); }
};
object iterator_over(const object& o);
bool equal_view(const object& a, const object& b);
void repr_view(const object& o, std::string& out);
object view_difference(const object& a, const object& b);
std::partial_ordering view_order(const object& a, const object& b);
inline constexpr set_operators view_as_set{view_difference, view_order};
inline std::size_t length_of_view(const void* body) {
    return static_cast<std::size_t>(krait::detail::body<dict_body>(static_cast<const view_body*>(body)->of)->used);
}
inline constexpr auto view_records = [] {
    std::array<value_record, 3> records{};
    constexpr std::string_view names[] = {"dict_keys", "dict_values", "dict_items"};
    for (std::size_t i = 0; i < 3; ++i) {
        records[i] = container_record<view_body>(
            value_kind::view, names[i], destroy_plainly<view_body>,
            {i == 1 ? nullptr : hash_never, i == 1 ? nullptr : equal_view, repr_view, size_plainly<view_body>});
        records[i].length = length_of_view;
        records[i].as_set = i == 1 ? nullptr : &view_as_set;
    }
    return records;
}();
inline object view_of(const dict& d, dict_part part) {
    return new_plain<view_body>(view_records[static_cast<std::size_t>(part)], d, part);
}
inline bool is_set_view(const object& o) noexcept {
    return o.kind() == value_kind::view && body<view_body>(o)->part != dict_part::values;
}
inline bool is_set_like(const object& o) noexcept { return is_set(o) || is_set_view(o); }

// ---- steps

inline object step_list(iterator_body& i) {
    const auto* const l = body<const list_body>(i.source);
    return l != nullptr && i.at < l->size ? l->items[i.at++] : i.end();
}
inline object step_list_back(iterator_body& i) {
    const auto* const l = body<const list_body>(i.source);
    return l != nullptr && i.at >= 0 && i.at < l->size ? l->items[i.at--] : i.end();
}
inline object step_tuple(iterator_body& i) {
    const auto* const t = body<const tuple_body>(i.source);
    return t != nullptr && i.at < t->size ? t->items()[i.at++] : i.end();
}
inline object step_text(iterator_body& i) {
    const auto* const s = body<const str_body>(i.source);
    if (s == nullptr || i.at >= s->length) return i.end();
    const std::uint32_t c = s->at(static_cast<std::size_t>(i.at++));
    return string_of_characters(1, c, [&](std::size_t) { return c; });
}
inline object step_bytes(iterator_body& i) {
    const auto* const b = body<const bytes_body>(i.source);
    if (b == nullptr || i.at >= b->size) return i.end();
    return static_cast<std::int64_t>(static_cast<unsigned char>(b->view()[static_cast<std::size_t>(i.at++)]));
}
inline object step_range(iterator_body& i) {
    const auto* const r = body<const range_body>(i.source);
    return r != nullptr && i.at < r->size ? object(r->item(i.at++)) : i.end();
}
inline object step_set(iterator_body& i) {
    auto* const s = body<set_body>(i.source);
    if (s == nullptr) return {};
    if (s->changes != i.mark && i.source.kind() == value_kind::set)
        throw state_error("Set changed size during iteration");
    while (i.at < static_cast<std::int64_t>(s->places()))
        if (const object& key = s->table[i.at++].key) return key;
    return i.end();
}
inline object part_of_item(const object& key, const object& value, dict_part part) {
    return part == dict_part::keys ? key : part == dict_part::values ? value : object(tuple{key, value});
}
template <dict_part Part>
object step_dict(iterator_body& i) {
    auto* const d = body<dict_body>(i.source);
    if (d == nullptr) return {};
    if (d->changes != i.mark) throw state_error("dictionary changed size during iteration");
    object *key, *value;
    return d->next(i.at, key, value) ? part_of_item(*key, *value, Part) : i.end();
}
// The order of a dict backwards: what lies before the position, skipping places without a value.
template <dict_part Part>
object step_dict_back(iterator_body& i) {
    auto* const d = body<dict_body>(i.source);
    if (d == nullptr) return {};
    if (d->changes != i.mark) throw state_error("dictionary changed size during iteration");
    while (i.at > 0) {
        std::int64_t before = i.at - 1;
        object *key, *value;
        const bool there = d->next(before, key, value) && before == i.at;
        --i.at;
        if (there) return part_of_item(*key, *value, Part);
    }
    return i.end();
}
// Code of others that a step runs may end the iterator, or drop it; and iterators may be in iterators, to any depth.
struct stepping {
    recursion_guard guard{""};
    object held;
    explicit stepping(iterator_body& i) : held(share(&i)) {}
};
inline object step_native(iterator_body& i) {
    if (!i.source) return {};
    const stepping here(i);
    const object given[] = {i.other};
    object item = callable::of(i.source)(arguments(given));
    return item ? item : i.end();
}

inline object dict_iterator(const object& of, dict_part part, bool back) {
    auto* const d = body<dict_body>(of);
    const std::int64_t last = d->values != nullptr ? d->values->used : d->keys->entries;
    constexpr object (*steps[])(iterator_body&) = {step_dict<dict_part::keys>,        step_dict<dict_part::values>,
                                                   step_dict<dict_part::items>,       step_dict_back<dict_part::keys>,
                                                   step_dict_back<dict_part::values>, step_dict_back<dict_part::items>};
    const auto which = static_cast<std::size_t>(part);
    const auto first = static_cast<std::size_t>(back ? iterator_type::keys_reversed : iterator_type::keys);
    return new_iterator(static_cast<iterator_type>(first + which), steps[which + (back ? 3 : 0)], of, back ? last : 0,
                        d->changes);
}

[[noreturn, gnu::cold]] inline void fail_iteration(const object& o, const char* what) {
    throw type_error("'" + type_name_of(o) + "' object is not " + what);
}
inline object call_class_method(const object& o, const char* name) {
    if (o.kind() != value_kind::instance) return {};
    const object method = find_in_class(body<instance_body>(o)->type, intern(str(name)));
    return method ? call(method, o) : object();
}
inline object iterator_over(const object& o) {
    switch (o.kind()) {
    case value_kind::list:
        return new_iterator(iterator_type::list, step_list, o);
    case value_kind::tuple:
        return new_iterator(iterator_type::tuple, step_tuple, o);
    case value_kind::string:
        return new_iterator(body<str_body>(o)->ascii ? iterator_type::ascii : iterator_type::text, step_text, o);
    case value_kind::bytes:
        return new_iterator(iterator_type::bytes, step_bytes, o);
    case value_kind::set:
    case value_kind::frozenset:
        return new_iterator(iterator_type::set, step_set, o, 0, body<set_body>(o)->changes);
    case value_kind::dict:
        return dict_iterator(o, dict_part::keys, false);
    case value_kind::view:
        return dict_iterator(body<view_body>(o)->of, body<view_body>(o)->part, false);
    case value_kind::range:
        return new_iterator(iterator_type::range, step_range, o);
    case value_kind::iterator:
        return o;
    default:
        if (object own = call_class_method(o, "__iter__")) {
            const bool steps = own.kind() == value_kind::iterator ||
                               (own.kind() == value_kind::instance &&
                                find_in_class(body<instance_body>(own)->type, intern("__next__")));
            if (!steps) throw type_error("iter() returned non-iterator of type '" + type_name_of(own) + "'");
            return own;
        }
        fail_iteration(o, "iterable");
    }
}

} // namespace detail

KRAIT_OBJECT_DECL object iter(const object& o) { return detail::iterator_over(o); }
KRAIT_OBJECT_DECL object next(const object& iterator) {
    if (iterator.kind() == value_kind::iterator) {
        auto* const i = detail::body<detail::iterator_body>(iterator);
        return i->step(*i);
    }
    try {
        if (object item = detail::call_class_method(iterator, "__next__")) return item;
    } catch (const error& e) {
        if (std::string_view(e.kind()) == "StopIteration") return {};
        throw;
    }
    detail::fail_iteration(iterator, "an iterator");
}

namespace detail {

[[gnu::noinline]] inline void put_new_number(object& item, std::int64_t number) { item = integer_of(number); }
// A number in place of the item: in the same block, if nobody else has that one.
inline void put_number(object& item, std::int64_t number) {
    auto* const i = body<int_body>(item);
    const bool negative = number < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    const bool is_free = i != nullptr && head_of(i)->count == 1 && head_of(i)->word == word_of_new(int_record) &&
                         i->is_short(); // room for two digits, no weak reference, this thread's
    if (!is_free || magnitude >> 2 * digit_bits != 0 || (number >= smallest_single && number <= largest_single))
        return put_new_number(item, number);
    const std::int64_t digits = magnitude >> digit_bits != 0 ? 2 : 1;
    i->size = negative ? -digits : digits;
    i->digit()[0] = static_cast<std::uint32_t>(magnitude) & digit_mask;
    i->digit()[1] = static_cast<std::uint32_t>(magnitude >> digit_bits);
}
[[gnu::noinline]] inline void step_by_call(object& item, const object& iterator) { item = next(iterator); }
// item = next(iterator), without a call for what most loops go over.
[[gnu::noinline]] KRAIT_OBJECT_DECL void step_to(object& item, const object& iterator) {
    if (iterator.kind() != value_kind::iterator) return step_by_call(item, iterator);
    auto& i = *body<iterator_body>(iterator);
    if (i.source && i.step == step_range) {
        const auto* const r = body<const range_body>(i.source);
        if (i.at < r->size) return put_number(item, r->item(i.at++));
    } else if (i.source && i.step == step_list) {
        const auto* const l = body<const list_body>(i.source);
        if (i.at < l->size) return void(item = l->items[i.at++]);
    }
    step_by_call(item, iterator);
}

} // namespace detail

KRAIT_OBJECT_DECL object iterator_of(const callable& step, const object& state) {
    return detail::new_iterator(detail::iterator_type::native, detail::step_native, step, 0, 0, state);
}

KRAIT_OBJECT_DECL object range(std::int64_t first, std::int64_t last, std::int64_t step) {
    if (step == 0) throw value_error("range() arg 3 must not be zero");
    return detail::range_of(first, last, step, detail::size_of_steps(first, last, step));
}
KRAIT_OBJECT_DECL object range(std::int64_t last) { return range(0, last); }

namespace detail {

// How many items are to come, as CPython guesses it: room for so many is made at once.
inline std::int64_t length_hint(const object& o) {
    if (o.kind() != value_kind::iterator) {
        const bool counts =
            o.kind() != value_kind::instance || find_in_class(body<instance_body>(o)->type, intern("__len__"));
        return counts ? static_cast<std::int64_t>(len(o)) : 8;
    }
    const auto* const i = body<const iterator_body>(o);
    if (!i->source) return 0;
    const auto there = [&] { return static_cast<std::int64_t>(len(i->source)); };
    if (i->step == step_list_back) return i->at < there() ? i->at + 1 : 0;
    for (const auto step : {step_list, step_tuple, step_text, step_bytes, step_range})
        if (i->step == step) return std::max<std::int64_t>(there() - i->at, 0); // a list may have shrunk
    if (i->step == step_set || record_of(head_of(o.get()))->name.starts_with("dict_"))
        return static_cast<std::int64_t>(len(i->source));
    return 8;
}
inline void extend_by(const list& l, const object& from) {
    auto* const to = body<list_body>(l);
    if (from.kind() == value_kind::list) return l.extend(list::of(from));
    const object iterator = iter(from);
    const std::int64_t hint = std::max<std::int64_t>(length_hint(from), 0), size = to->size;
    if (hint > list_body::most_room - 1 - size) throw memory_error();
    if (to->items != nullptr) {
        to->resize(size + hint);
        to->size = size;
    } else if (hint > 0) {
        to->set_room(hint + hint % 2);
    }
    object item;
    for (step_to(item, iterator); item; step_to(item, iterator)) to->append(std::move(item));
    if (to->size < to->allocated) to->resize(to->size);
}

} // namespace detail

KRAIT_OBJECT_DECL list list_of(const object& o) {
    list made;
    detail::extend_by(made, o);
    return made;
}
KRAIT_OBJECT_DECL object tuple_of(const object& o) {
    if (o.kind() == value_kind::tuple) return o;
    std::vector<object> items;
    for (const object& item : each(o)) items.push_back(item);
    return tuple(items.data(), items.size());
}
namespace detail {
inline void merge_keys(set_body* s, dict_body* from) {
    reserve(s, from->used);
    from->each_held([&](const object& key, const object&, hash_type hash) { s->add(key, hash); });
}
} // namespace detail
KRAIT_OBJECT_DECL object set_of(const object& o, bool frozen) {
    if (frozen && o.kind() == value_kind::frozenset) return o;
    object made = detail::new_set(frozen ? detail::frozenset_record : detail::set_record);
    auto* const s = detail::set_at(made);
    if (detail::is_set(o)) {
        detail::merge(s, detail::set_at(o));
    } else {
        const object held = o;
        if (held.kind() == value_kind::dict)
            detail::merge_keys(s, detail::body<detail::dict_body>(held));
        else
            for (const object& item : each(held)) s->add(item, detail::hash_of(item));
    }
    return detail::finished(std::move(made));
}

namespace detail {

// What a set is looked up for: another set cannot be a key, the frozenset that it equals can.
inline object as_key(const object& o) { return o.kind() == value_kind::set ? object(set_of(o, true)) : o; }
inline bool in_set_like(const object& o, const object& item) {
    if (is_set(o)) {
        const object key = as_key(item);
        return has(set_at(o), key, hash_of(key));
    }
    const auto* const view = body<const view_body>(o);
    const dict d = dict::of(view->of);
    if (view->part == dict_part::keys) return d.contains(item);
    if (item.kind() != value_kind::tuple || len(item) != 2) return false;
    const object there = d.get(tuple::of(item)[0], object());
    return there && same_or_equal(there, tuple::of(item)[1]);
}
inline bool all_in(const object& a, const object& b) {
    for (const object& item : each(a))
        if (!in_set_like(b, item)) return false;
    return true;
}
inline object view_difference(const object& a, const object& b) {
    const auto as_set = [](const object& o) { return is_set(o) ? o : set_of(o); };
    return difference_of(as_set(a), as_set(b));
}
inline std::partial_ordering view_order(const object& a, const object& b) {
    if (len(a) <= len(b) && all_in(a, b)) return len(a) <=> len(b);
    return len(a) > len(b) && all_in(b, a) ? std::partial_ordering::greater : std::partial_ordering::unordered;
}
inline bool equal_view(const object& a, const object& b) {
    const object x = a, y = b; // a comparison may drop them
    return is_set_like(y) && len(x) == len(y) && all_in(x, y);
}
inline void repr_view(const object& o, std::string& out) {
    const object held = o;
    const auto* const v = body<const view_body>(o);
    if (repr_under_way::of(v)) {
        out += "...";
        return;
    }
    const repr_under_way here(v);
    (out += record_of(head_of(o.get()))->name) += '(';
    append_repr(list_of(o), out);
    out += ')';
}

inline object step_enumerate(iterator_body& i) {
    const object source = i.source;
    if (!source) return {};
    const stepping here(i);
    const object item = next(source);
    if (!item) return i.end();
    const std::int64_t at = i.at;
    if (__builtin_add_overflow(at, 1, &i.at)) fail_range();
    return tuple{at, item};
}
// One item of each, or unset when one of them ends; mark != 0: strict, they must end together.
inline object step_zip(iterator_body& i) {
    if (!i.source || len(i.source) == 0) return {};
    const stepping here(i);
    const tuple iterators = tuple::of(i.source);
    std::array<object, 4> few;
    std::vector<object> many(iterators.size() > few.size() ? iterators.size() : 0);
    object* const items = many.empty() ? few.data() : many.data();
    for (std::size_t n = 0; n < iterators.size(); ++n) {
        items[n] = next(iterators.begin()[n]);
        if (items[n]) continue;
        const auto plural = [](std::size_t k) { return k == 1 ? "argument 1" : "arguments 1-" + std::to_string(k); };
        if (i.mark != 0 && n != 0)
            throw value_error("zip() argument " + std::to_string(n + 1) + " is shorter than " + plural(n));
        for (std::size_t k = 1; i.mark != 0 && k < iterators.size(); ++k)
            if (next(iterators.begin()[k]))
                throw value_error("zip() argument " + std::to_string(k + 1) + " is longer than " + plural(k));
        return i.end();
    }
    return tuple(items, iterators.size());
}
inline object step_map(iterator_body& i) {
    if (!i.source) return {};
    const stepping here(i);
    const object function = i.other;
    const object item = step_zip(i);
    if (!item) return {};
    const tuple given = tuple::of(item);
    return call(function, arguments(std::span<const object>(given.begin(), given.size())));
}
inline object step_filter(iterator_body& i) {
    const object source = i.source, chosen = i.other;
    const stepping here(i);
    while (i.source) {
        object item = next(source);
        if (!item) return i.end();
        if (truth_of(is_none(chosen) ? item : call(chosen, item))) return item;
    }
    return {};
}
inline object iterators_over(std::span<const object> over) {
    std::vector<object> all;
    for (const object& o : over) all.push_back(iter(o));
    return tuple(all.data(), all.size());
}

} // namespace detail

KRAIT_OBJECT_DECL object enumerate(const object& o, std::int64_t start) {
    return detail::new_iterator(detail::iterator_type::enumerate, detail::step_enumerate, iter(o), start);
}
KRAIT_OBJECT_DECL object zip(std::span<const object> over, bool strict) {
    return detail::new_iterator(detail::iterator_type::zip, detail::step_zip, detail::iterators_over(over), 0, strict);
}
KRAIT_OBJECT_DECL object map(const object& function, std::span<const object> over) {
    if (over.empty()) throw type_error("map() must have at least two arguments.");
    return detail::new_iterator(detail::iterator_type::map, detail::step_map, detail::iterators_over(over), 0, 0,
                                function);
}
KRAIT_OBJECT_DECL object filter(const object& function, const object& over) {
    return detail::new_iterator(detail::iterator_type::filter, detail::step_filter, iter(over), 0, 0, function);
}
KRAIT_OBJECT_DECL object reversed(const object& o) {
    using namespace detail;
    switch (o.kind()) {
    case value_kind::list:
        return new_iterator(iterator_type::list_reversed, step_list_back, o, body<list_body>(o)->size - 1);
    case value_kind::dict:
        return dict_iterator(o, dict_part::keys, true);
    case value_kind::view:
        return dict_iterator(body<view_body>(o)->of, body<view_body>(o)->part, true);
    case value_kind::range: {
        const auto* const r = body<const range_body>(o);
        const auto back = static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(r->step)); // least stays least
        return iter(range_of(r->size > 0 ? r->item(r->size - 1) : 0, 0, back, r->size)); // nobody asks where it ends
    }
    case value_kind::string:
    case value_kind::bytes:
    case value_kind::tuple: {
        const list items = list_of(o);
        return new_iterator(iterator_type::reversed, step_list_back, items,
                            static_cast<std::int64_t>(items.size()) - 1);
    }
    default:
        if (object own = call_class_method(o, "__reversed__")) return own;
        fail_iteration(o, "reversible");
    }
}

namespace detail {

// Sorts by less(a, b), stably. Code of others may answer as it likes: no step goes on until less says no.
template <class T, class F>
void sort_by(std::vector<T>& places, F&& less) {
    const std::size_t n = places.size();
    constexpr std::size_t run = 8;
    for (std::size_t begin = 0; begin < n; begin += run)
        for (std::size_t i = begin + 1; i < std::min(begin + run, n); ++i) {
            const T moved = places[i];
            std::size_t to = i;
            for (; to > begin && less(moved, places[to - 1]); --to) places[to] = places[to - 1];
            places[to] = moved;
        }
    std::vector<T> left; // the first of two runs, while they are merged
    for (std::size_t width = run; width < n; width *= 2)
        for (std::size_t begin = 0; begin + width < n; begin += 2 * width) {
            const std::size_t middle = begin + width, end = std::min(middle + width, n);
            if (!less(places[middle], places[middle - 1])) continue;
            left.assign(places.begin() + static_cast<std::ptrdiff_t>(begin),
                        places.begin() + static_cast<std::ptrdiff_t>(middle));
            std::size_t i = 0, j = middle, to = begin;
            while (i < left.size() && j < end) places[to++] = less(places[j], left[i]) ? places[j++] : left[i++];
            while (i < left.size()) places[to++] = left[i++];
        }
}

// A short int of a list that has only such, and its place there.
struct placed_word {
    std::int64_t word;
    std::size_t place;
};
// Nothing, if not all of them are. Numbers in a row are compared many times faster than objects.
inline std::vector<placed_word> words_of(const object* values, const std::vector<std::size_t>& order) {
    std::vector<placed_word> words(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const object& value = values[order[i]];
        if (!is_int(value) || !body<const int_body>(value)->is_short()) return {};
        words[i] = {word_of(value), order[i]};
    }
    return words;
}
// Many words that differ in few bytes are sorted byte by byte, the lowest first, without a comparison.
inline void sort_words(std::vector<placed_word>& words) {
    const auto less = [](const placed_word& a, const placed_word& b) { return a.word < b.word; };
    const auto [least, most] = std::minmax_element(words.begin(), words.end(), less);
    const auto low = static_cast<std::uint64_t>(least->word);
    const auto bytes = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(most->word) - low) + 7) / 8;
    constexpr std::size_t many = 200;
    if (words.size() < many || 2 * bytes > static_cast<std::size_t>(std::bit_width(words.size())) ||
        std::is_sorted(words.begin(), words.end(), less))
        return sort_by(words, less);
    std::vector<placed_word> sorted(words.size());
    for (std::size_t shift = 0; shift < 8 * bytes; shift += 8) {
        const auto byte = [&](const placed_word& w) {
            return static_cast<std::size_t>((static_cast<std::uint64_t>(w.word) - low) >> shift & 255);
        };
        std::array<std::size_t, 257> begin{}; // of the words with each byte
        for (const placed_word& w : words) ++begin[byte(w) + 1];
        for (std::size_t i = 1; i < 256; ++i) begin[i] += begin[i - 1];
        for (const placed_word& w : words) sorted[begin[byte(w)]++] = w;
        words.swap(sorted);
    }
}

} // namespace detail

KRAIT_OBJECT_DECL list sorted(const object& o, const object& key, bool reverse) {
    list made = list_of(o);
    sort(made, key, reverse);
    return made;
}
KRAIT_OBJECT_DECL void sort(const list& l, const object& key, bool reverse) {
    const list held = l;
    auto* const body = detail::body<detail::list_body>(held);
    std::vector<object> keys, sorted(body->count()); // all that needs memory first: nothing is lost without it
    std::vector<std::size_t> order(body->count());
    detail::list_body items = *body;
    *body = {0, nullptr, -1}; // as CPython marks it: whatever makes room writes another number
    const auto put_back = [&] {
        detail::list_body filled = std::exchange(*body, items);
        const bool changed = filled.allocated != -1;
        filled.clear(); // last: it may run code of others
        return changed;
    };
    try {
        if (!is_none(key))
            for (std::size_t i = 0; i < order.size(); ++i) keys.push_back(call(key, items.items[i]));
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = reverse ? order.size() - 1 - i : i;
        const object* const by = is_none(key) ? items.items : keys.data();
        if (std::vector<detail::placed_word> words = detail::words_of(by, order); !words.empty()) {
            detail::sort_words(words);
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = words[i].place;
        } else {
            detail::sort_by(order, [by](std::size_t a, std::size_t b) { return compare(by[a], by[b]) < 0; });
        }
        if (reverse) std::reverse(order.begin(), order.end());
    } catch (...) {
        put_back();
        throw;
    }
    for (std::size_t i = 0; i < order.size(); ++i) sorted[i].swap(items.items[order[i]]);
    for (std::size_t i = 0; i < order.size(); ++i) items.items[i].swap(sorted[i]);
    if (put_back()) throw value_error("list modified during sort");
}

KRAIT_OBJECT_DECL object sum(const object& o, const object& start) {
    if (start.kind() == value_kind::string) throw type_error("sum() can't sum strings [use ''.join(seq) instead]");
    if (start.kind() == value_kind::bytes) throw type_error("sum() can't sum bytes [use b''.join(seq) instead]");
    using namespace detail;
    const auto is_short = [](const object& i) __attribute__((always_inline)) {
        const value_kind kind = i.kind();
        return (kind == value_kind::integer || kind == value_kind::boolean) && body<const int_body>(i)->is_short();
    };
    object total = start, item;
    std::int64_t words = 0, more; // of short ints that total does not have yet
    bool waits = false, counts = is_int(total);
    const object iterator = iter(o);
    for (step_to(item, iterator); item; step_to(item, iterator)) {
        if (counts && is_short(item) && !__builtin_add_overflow(words, word_of(item), &more)) {
            words = more;
            waits = true;
            continue;
        }
        if (std::exchange(waits, false)) total = add(total, std::exchange(words, 0));
        total = add(total, item);
        counts = is_int(total);
    }
    return waits ? add(total, words) : total;
}
KRAIT_OBJECT_DECL bool any(const object& o) {
    for (const object& item : each(o))
        if (truth(item)) return true;
    return false;
}
KRAIT_OBJECT_DECL bool all(const object& o) {
    for (const object& item : each(o))
        if (!truth(item)) return false;
    return true;
}

namespace detail {
inline object extreme(const char* name, bool greatest, const object& o, const object& key, const object& otherwise) {
    object best, best_key;
    for (const object& item : each(o)) {
        const object k = is_none(key) ? item : call(key, item);
        if (best && !(greatest ? compare(k, best_key, ">") > 0 : compare(k, best_key, "<") < 0)) continue;
        best = item;
        best_key = k;
    }
    if (best) return best;
    if (otherwise) return otherwise;
    throw value_error(std::string(name) + "() arg is an empty sequence");
}
} // namespace detail
KRAIT_OBJECT_DECL object min(const object& o, const object& key, const object& otherwise) {
    return detail::extreme("min", false, o, key, otherwise);
}
KRAIT_OBJECT_DECL object max(const object& o, const object& key, const object& otherwise) {
    return detail::extreme("max", true, o, key, otherwise);
}

} // namespace krait
