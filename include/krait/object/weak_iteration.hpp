// Iterating over a table whose entries may go at any moment, because their objects die.
//
//   table.entries     an unordered_map; Table::hold(entry) gives a ref to the entry's object, null if that is gone
//   table.iterating   == number of iterations under way. While there is one, no entry is taken out: it becomes vacant
//   table.vacant      == entries whose object has gone, or that were erased, since the outermost iteration began
//   table.changes     counts what makes iterators invalid: new keys, clear(). An iterator that meets a change throws,
//                     as CPython's do
// The object that an iterator is at is held by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

namespace krait::detail {

struct weak_table {
    std::size_t iterating = 0;
    std::size_t vacant = 0;
    std::uint64_t changes = 0;
};

// Keeps a table alive and its entries in place.
template <class Table>
class iteration {
  public:
    iteration() = default;
    explicit iteration(std::shared_ptr<Table> table) noexcept : table_(std::move(table)) { begin(); }
    iteration(const iteration& other) noexcept : table_(other.table_) { begin(); }
    iteration(iteration&&) noexcept = default;
    iteration& operator=(iteration other) noexcept {
        table_.swap(other.table_);
        return *this;
    }
    ~iteration() {
        if (table_ && --table_->iterating == 0 && table_->vacant != 0) table_->take_out_vacant();
    }

    Table* operator->() const noexcept { return table_.get(); }
    explicit operator bool() const noexcept { return table_ != nullptr; }

  private:
    void begin() noexcept {
        if (table_) ++table_->iterating;
    }
    std::shared_ptr<Table> table_;
};

// An input iterator over the living entries; Select::from(entry, held) is what it shows of one.
template <class Table, class Select>
class weak_iterator {
    using entry_iterator = decltype(std::declval<Table&>().entries.begin());
    using held_object = decltype(Table::hold(*std::declval<entry_iterator&>()));

  public:
    using difference_type = std::ptrdiff_t;
    using value_type = decltype(Select::from(*std::declval<entry_iterator&>(), std::declval<const held_object&>()));
    using reference = value_type;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;

    weak_iterator() = default;
    explicit weak_iterator(std::shared_ptr<Table> table) : table_(std::move(table)) {
        if (!table_) return;
        at_ = table_->entries.begin();
        changes_ = table_->changes;
        settle();
    }

    reference operator*() const { return Select::from(*at_, held_); }
    // Throws std::runtime_error if the table has got new keys, or was cleared.
    weak_iterator& operator++() {
        held_.reset(); // may let it die
        if (changes_ != table_->changes)
            throw std::runtime_error("a weak map has got new keys, or was cleared, while it was iterated");
        ++at_;
        settle();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const weak_iterator& a, std::default_sentinel_t) noexcept { return !a.held_; }

  private:
    void settle() noexcept {
        while (at_ != table_->entries.end() && !(held_ = Table::hold(*at_))) ++at_;
    }

    iteration<Table> table_;
    entry_iterator at_{};
    std::uint64_t changes_ = 0;
    held_object held_{};
};

// What a range-for takes: the keys, the values.
template <class Table, class Select>
class weak_view {
  public:
    explicit weak_view(std::shared_ptr<Table> table) noexcept : table_(std::move(table)) {}
    weak_iterator<Table, Select> begin() const { return weak_iterator<Table, Select>(table_); }
    std::default_sentinel_t end() const noexcept { return {}; }

  private:
    std::shared_ptr<Table> table_;
};

} // namespace krait::detail
