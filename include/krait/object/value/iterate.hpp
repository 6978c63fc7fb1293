// Iterating over any value: iter(o), next(i), and `for (const object& item : each(o))`; range; enumerate, zip, map,
// filter, reversed; views of dicts.
//
//   iterator: |links|head| step 8 | source 8 | other 8 | at 8 | mark 8 |
//   range:    |head| first 8 | last 8 | step 8 | size 8 |
//   view:     |links|head| dict 8 | part 8 |
//   step(i)   the next item, unset at the end, and from then on: source is unset then
//   mark      what the source must still have (a dict's or set's changes), or how a reversed walk began
#pragma once

#include <span>

#include <krait/object/value/ops.hpp>

namespace krait {
namespace detail {
// item = next(iterator), without a call for what most loops go over.
void step_to(object& item, const object& iterator);
} // namespace detail

// Throws type_error for what cannot be iterated over.
object iter(const object& o);
// Unset at the end. Of instances __next__, whose StopIteration is the end.
object next(const object& iterator);
// An iterator of the program's own: step(state) makes each item, unset at the end.
object iterator_of(const callable& step, const object& state = {});

// for (const object& item : each(o)) ...
class each {
  public:
    explicit each(const object& o) : iterator_(iter(o)) {}
    struct end_of_it {};
    class place {
      public:
        explicit place(const object& iterator) : iterator_(iterator) { detail::step_to(item_, iterator_); }
        const object& operator*() const noexcept { return item_; }
        place& operator++() {
            detail::step_to(item_, iterator_);
            return *this;
        }
        friend bool operator==(const place& p, end_of_it) noexcept { return !p.item_; }

      private:
        const object& iterator_;
        object item_;
    };
    place begin() const { return place(iterator_); }
    end_of_it end() const noexcept { return {}; }

  private:
    object iterator_;
};

// Throws value_error for a step of 0.
object range(std::int64_t first, std::int64_t last, std::int64_t step = 1);
object range(std::int64_t last);
list list_of(const object& o);
object tuple_of(const object& o);
object set_of(const object& o, bool frozen = false);
object enumerate(const object& o, std::int64_t start = 0);
object zip(std::span<const object> over, bool strict = false);
object map(const object& function, std::span<const object> over);
// function may be None: truth.
object filter(const object& function, const object& over);
object reversed(const object& o);
// Python's sorted(): a new list, stable; key may be None.
list sorted(const object& o, const object& key = none(), bool reverse = false);
// list.sort(), stable. Throws type_error for items without an order. The list is empty meanwhile, and a value_error
// tells of code that fills it. Sorted are places, so that an error half way loses nothing.
void sort(const list& l, const object& key = none(), bool reverse = false);
object sum(const object& o, const object& start = 0);
bool any(const object& o);
bool all(const object& o);
object min(const object& o, const object& key = none(), const object& otherwise = {});
object max(const object& o, const object& key = none(), const object& otherwise = {});

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/iterate.hpp>
#endif
