// How many objects of which type there are: objgraph's count, typestats (here count_by_type), most_common_types,
// growth, get_new_ids (new_ids), by_type, at and at_addrs.
//
// Counted are the tracked objects of the calling thread, as gc::get_objects() returns them; what cannot be part of a
// cycle is tracked neither here nor in Python: all_objects() has it, too, as far as tracked objects lead to it.
// Nothing looks into objects, so these may be called at any time of the thread's life, in finalizers and destructors
// as well, but for all_objects(). A type's name is its own: the record's, for instances of Python's classes the
// class's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <krait/object/graph/objects.hpp>

namespace krait::graph {

using type_counts = std::map<std::string, std::size_t, std::less<>>;

namespace internal {
class type_counter {
  public:
    void add(const detail::object_head* head) {
        const detail::type_record* const record = detail::record_of(head);
        if (record->own_type != nullptr)
            ++by_name_[record->own_type(detail::object_of(head))];
        else
            ++by_record_[record];
    }
    type_counts counts() && {
        for (const auto& [record, count] : by_record_) by_name_[std::string(record->name)] += count;
        return std::move(by_name_);
    }

  private:
    std::unordered_map<const detail::type_record*, std::size_t> by_record_;
    type_counts by_name_;
};
} // namespace internal

// What the object is called here; nothing for a null reference.
template <detail::leads_to_object R>
std::string type_name(const R& given) {
    const detail::object_head* const head = detail::head_behind(given);
    return head != nullptr ? detail::display_name(head) : std::string();
}

inline type_counts count_by_type() {
    internal::type_counter counter;
    gc::internal::for_each_tracked({}, [&](const detail::object_head* head) { counter.add(head); });
    return std::move(counter).counts();
}
// Of the given ones.
inline type_counts count_by_type(const objects& given) {
    internal::type_counter counter;
    for (const ref<void>& o : given)
        if (o) counter.add(detail::head_in(o));
    return std::move(counter).counts();
}
inline std::size_t count(std::string_view type) {
    const type_counts counts = count_by_type();
    const auto found = counts.find(type);
    return found == counts.end() ? 0 : found->second;
}

// The tracked objects of the type.
inline objects by_type(std::string_view type) {
    objects found;
    gc::internal::for_each_tracked({}, [&](const detail::object_head* head) {
        if (detail::display_name(head) == type) found.push_back(detail::share_object(head));
    });
    return found;
}
// All that there is to be seen: the tracked objects, frozen ones included, and all that they lead to. Pympler's
// muppy.get_objects. Throws not_now.
inline objects all_objects() {
    const detail::picture whole = detail::picture::of_thread();
    objects found;
    for (const detail::object_head* const head : whole.heads()) found.push_back(detail::share_object(head));
    return found;
}

inline constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

struct type_count {
    std::string type;
    std::size_t count;
    friend bool operator==(const type_count&, const type_count&) = default;
};
namespace internal {
// The most first; of as many, by name.
template <class Rows, class Key>
void sort_and_cut(Rows& rows, Key key, std::size_t limit) {
    std::sort(rows.begin(), rows.end(),
              [&](const auto& a, const auto& b) { return key(a) != key(b) ? key(a) > key(b) : a.type < b.type; });
    if (rows.size() > limit) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
}
inline std::vector<type_count> most_common(const type_counts& counts, std::size_t limit) {
    std::vector<type_count> rows;
    for (const auto& [type, count] : counts) rows.push_back({type, count});
    sort_and_cut(
        rows, [](const type_count& row) { return row.count; }, limit);
    return rows;
}
} // namespace internal

inline std::vector<type_count> most_common_types(std::size_t limit = 10) {
    return internal::most_common(count_by_type(), limit);
}
inline std::vector<type_count> most_common_types(std::size_t limit, const objects& given) {
    return internal::most_common(count_by_type(given), limit);
}

namespace internal {
// What a function remembers from call to call. A finalizer may ask at the thread's very end, when that is gone: it then
// begins again, and what it leaves goes as well.
template <class T>
T& of_this_thread() {
    static constinit thread_local T* state = nullptr;
    static constinit thread_local int lives = 0;
    struct owner {
        ~owner() { delete std::exchange(state, nullptr); }
    };
    if (state != nullptr) return *state;
    if (lives == 0)
        static thread_local const owner first;
    else if (lives == 1)
        static thread_local const owner at_the_end;
    ++lives;
    return *(state = new T);
}
} // namespace internal

struct type_growth {
    std::string type;
    std::size_t count;
    std::size_t delta;
    friend bool operator==(const type_growth&, const type_growth&) = default;
};
// The types of which there are more than ever before, as far as `peaks` knows, which learns of it: the first call
// returns them all.
inline std::vector<type_growth> growth(std::size_t limit, type_counts& peaks) {
    std::vector<type_growth> rows;
    for (const auto& [type, count] : count_by_type()) {
        std::size_t& peak = peaks[type];
        if (count <= peak) continue;
        rows.push_back({type, count, count - peak});
        peak = count;
    }
    internal::sort_and_cut(
        rows, [](const type_growth& row) { return row.delta; }, limit);
    return rows;
}
// Since the thread's last call.
inline std::vector<type_growth> growth(std::size_t limit = 10) {
    return growth(limit, internal::of_this_thread<type_counts>());
}

// Addresses, by type, in ascending order.
using ids = std::map<std::string, std::vector<std::uintptr_t>, std::less<>>;
namespace internal {
inline ids current_ids() {
    ids current;
    gc::internal::for_each_tracked({}, [&](const detail::object_head* head) {
        current[detail::display_name(head)].push_back(reinterpret_cast<std::uintptr_t>(detail::object_of(head)));
    });
    for (auto& type : current) std::sort(type.second.begin(), type.second.end());
    return current;
}
} // namespace internal
// The objects that have come since the thread's last call; all of them at the first one. What has died and what was
// made in its place since is one object to it, as they have one address.
inline ids new_ids() {
    ids& known = internal::of_this_thread<ids>();
    ids current = internal::current_ids(), added;
    for (const auto& [type, here] : current) {
        const auto before = known.find(type);
        std::vector<std::uintptr_t> fresh;
        if (before == known.end())
            fresh = here;
        else
            std::set_difference(here.begin(), here.end(), before->second.begin(), before->second.end(),
                                std::back_inserter(fresh));
        if (!fresh.empty()) added.emplace(type, std::move(fresh));
    }
    known = std::move(current);
    return added;
}

// The tracked objects at these addresses; those that are no more are left out.
inline objects at(std::vector<std::uintptr_t> addresses) {
    std::sort(addresses.begin(), addresses.end());
    objects found;
    gc::internal::for_each_tracked({}, [&](const detail::object_head* head) {
        const auto address = reinterpret_cast<std::uintptr_t>(detail::object_of(head));
        if (std::binary_search(addresses.begin(), addresses.end(), address))
            found.push_back(detail::share_object(head));
    });
    return found;
}

} // namespace krait::graph
