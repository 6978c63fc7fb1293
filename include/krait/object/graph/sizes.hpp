// How much memory objects take: sys.getsizeof, and Pympler's asizeof and asized.
//
//   getsizeof(o)   the object's block from its start, links and head included, as asked for, and what it alone owns:
//                  tables of Python's values, and the storage of the containers, strings and unique_ptrs in a C++
//                  object
//   asizeof(o...)  of the objects and all that they lead to, each once
//
// Of Python's values the numbers are CPython 3.11's and Pympler's, with the differences that docs/values.md names
// for single values: getsizeof of an instance is without its attributes' table, asizeof with it (Pympler counts a
// __dict__ instead). Pympler rounds each object up to 8 bytes, and so does asizeof (align); it leaves out classes,
// functions and their like, and so does asizeof (code). Pympler is no package of Debian 12: its semantics are those
// of its documentation, and tests/object/values/oracle.py adds sys.getsizeof up by them. CPython keeps small
// integers and the like in memory of its own program: they are counted, too, but not as blocks.
//
// With sizing::blocks it is the memory itself: for each block what malloc_usable_size says, so with krait the bytes
// of the blocks in its pools. This wants an operator new that takes from malloc, as the standard library's does.
//
// Of what is C++, storage.hpp says what is seen, and what counts as unseen. Not followed: shared<T>, shared_ptr,
// weak references. Throws not_now, std::bad_alloc. Holds nothing beyond the call, and calls no code of the program.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <krait/object/graph/storage.hpp>
#include <krait/object/graph/types.hpp>
#include <krait/object/value/object.hpp>

namespace krait::graph {

struct sizing {
    std::size_t align = 8; // what each object is rounded up to
    bool blocks = false;
    bool code = false; // whether classes and functions count, beyond those that are asked about
};

// The storage inside objects of the type, and of those that its references lead to, can be told from now on. Called
// by the functions below for what they are given; for what stands behind a reference to a base class, or a
// ref<void>, say it.
template <class T>
void describe() {
    detail::describe_one<T>();
    detail::describe_all(detail::reach_t<T>{});
}

struct type_size {
    std::string type;
    std::size_t count;
    std::size_t bytes;
    friend bool operator==(const type_size&, const type_size&) = default;
};
struct sizes {
    std::size_t size = 0;
    std::size_t objects = 0;
    std::size_t unseen = 0;         // things in them whose storage cannot be told
    std::vector<type_size> types{}; // the most bytes first
};

namespace internal {

// Measures objects, one after the other.
class scale final : detail::table_visitor {
  public:
    explicit scale(const sizing& how) : how_(how) {}

    // The object's own bytes; 0 for what the sizing leaves out.
    std::size_t weigh(const detail::object_head* head) {
        const detail::type_record* const record = detail::record_of(head);
        const std::size_t size = record->value != 0
                                     ? weigh_value(head, *static_cast<const detail::value_record*>(record))
                                     : weigh_object(head, *record);
        const std::size_t align = std::max<std::size_t>(how_.align, 1);
        return (size + align - 1) / align * align;
    }
    std::size_t unseen() const noexcept { return unseen_; }
    bool leaves_out(const detail::type_record* record) const noexcept {
        const auto kind = static_cast<value_kind>(record->value);
        return !how_.code && (kind == value_kind::type || kind == value_kind::function);
    }

  private:
    static std::size_t block_of(const detail::object_head* head, const detail::type_record& record) noexcept {
        const void* const block = static_cast<const char*>(detail::object_of(head)) - record.offset;
        return malloc_usable_size(const_cast<void*>(block));
    }
    std::size_t weigh_value(const detail::object_head* head, const detail::value_record& record) {
        const void* const body = detail::object_of(head);
        tables_ = 0;
        if (record.tables != nullptr) record.tables(body, *this);
        if (how_.blocks) return detail::is_static(head) ? 0 : block_of(head, record) + tables_;
        return record.size_of(body) + (record.cyclic ? sizeof(detail::gc_links) : 0) + tables_;
    }
    void table(const void* block, std::size_t size, bool in_size_of) override {
        if (how_.blocks)
            tables_ += block != last_table_ ? malloc_usable_size(const_cast<void*>(block)) : 0;
        else if (!in_size_of)
            tables_ += size;
        last_table_ = block;
    }
    std::size_t weigh_object(const detail::object_head* head, const detail::type_record& record) {
        detail::storage_sum sum;
        sum.blocks = how_.blocks;
        if (const auto known = known_.find(&record); known != known_.end())
            known->second(detail::object_of(head), sum);
        else
            ++sum.unseen;
        unseen_ += sum.unseen;
        return how_.blocks ? block_of(head, record) + sum.held : record.offset + record.size + sum.asked;
    }

    sizing how_;
    detail::storage_table known_ = detail::known_storage();
    std::size_t tables_ = 0, unseen_ = 0;
    const void* last_table_ = nullptr;
};

// A picture for sizes: with the names that values have as keys, which lead nowhere, without what is left out.
class weighed final : detail::edge_visitor {
  public:
    weighed(const std::vector<detail::object_head*>& starts, const sizing& how) : scale_(how) {
        detail::refuse_half_changed();
        for (detail::object_head* const head : starts) add(head);
        for (std::size_t i = 0; i < heads_.size(); ++i) {
            detail::object_head* const head = heads_[i];
            const detail::type_record* const record = detail::record_of(head);
            gc::internal::visit_references(head, *this);
            if (record->value == 0) continue;
            if (const auto names = static_cast<const detail::value_record*>(record)->visit_names)
                names(detail::object_of(head), *this);
        }
    }
    template <class F>
    void each(F&& f) {
        for (const detail::object_head* const head : heads_) f(head, scale_.weigh(head));
    }
    std::size_t unseen() const noexcept { return scale_.unseen(); }

  private:
    void edge(detail::object_head* target) override {
        if (!scale_.leaves_out(detail::record_of(target))) add(target);
    }
    void add(detail::object_head* target) {
        const auto next = static_cast<detail::node>(heads_.size());
        if (table_.number(target, next) == next) heads_.push_back(target);
    }

    scale scale_;
    detail::node_table table_;
    std::vector<detail::object_head*> heads_;
};

template <class T>
void describe_behind(const ref<T>&) {
    if constexpr (!std::is_void_v<T>) describe<std::remove_cv_t<T>>();
}
template <class V>
void describe_behind(const V&) {}

template <class... R>
std::vector<detail::object_head*> heads_behind(const R&... given) {
    (describe_behind(given), ...);
    std::vector<detail::object_head*> heads;
    const auto add = [&](detail::object_head* head) {
        if (head != nullptr) heads.push_back(head);
    };
    (add(detail::head_behind(given)), ...);
    return heads;
}

// Adds up by type.
class size_table {
  public:
    void add(const detail::object_head* head, std::size_t bytes) {
        type_size& row = rows_[detail::display_name(head)];
        ++row.count;
        row.bytes += bytes;
    }
    std::vector<type_size> rows() const {
        std::vector<type_size> sorted;
        for (const auto& [type, row] : rows_) sorted.push_back({type, row.count, row.bytes});
        sort_and_cut(
            sorted, [](const type_size& row) { return row.bytes; }, no_limit);
        return sorted;
    }

  private:
    std::map<std::string, type_size> rows_;
};

inline sizes add_up(const std::vector<detail::object_head*>& heads, const sizing& how) {
    weighed all(heads, how);
    size_table table;
    sizes sum;
    all.each([&](const detail::object_head* head, std::size_t bytes) {
        table.add(head, bytes);
        sum.size += bytes;
        ++sum.objects;
    });
    sum.types = table.rows();
    sum.unseen = all.unseen();
    return sum;
}

} // namespace internal

// 0 for a null reference.
template <detail::leads_to_object R>
std::size_t getsizeof(const R& given) {
    detail::refuse_half_changed();
    const auto heads = internal::heads_behind(given);
    if (heads.empty()) return 0;
    const detail::type_record* const record = detail::record_of(heads.front());
    if (record->value != 0)
        return static_cast<const detail::value_record*>(record)->size_of(detail::object_of(heads.front())) +
               (record->cyclic ? sizeof(detail::gc_links) : 0);
    return internal::scale(sizing{1, false, true}).weigh(heads.front());
}

// With the number of objects, and by type.
template <detail::leads_to_object... R>
sizes asized(const sizing& how, const R&... given) {
    return internal::add_up(internal::heads_behind(given...), how);
}
template <detail::leads_to_object... R>
sizes asized(const R&... given) {
    return asized(sizing{}, given...);
}

template <detail::leads_to_object... R>
std::size_t asizeof(const sizing& how, const R&... given) {
    internal::weighed all(internal::heads_behind(given...), how);
    std::size_t size = 0;
    all.each([&](const detail::object_head*, std::size_t bytes) { size += bytes; });
    return size;
}
template <detail::leads_to_object... R>
std::size_t asizeof(const R&... given) {
    return asizeof(sizing{}, given...);
}

} // namespace krait::graph
