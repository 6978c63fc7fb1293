#include "shadow_graph.hpp"

#include "require.hpp"

#include <algorithm>

namespace krait::fuzz {

void shadow_graph::begin_operation() {
    for (object& o : objects_) o.was_garbage = false;
    is_stale_ = true;
}

object_id shadow_graph::make(kind of) {
    objects_.push_back({of});
    is_stale_ = true;
    return static_cast<object_id>(objects_.size()) - 1;
}

void shadow_graph::set_root(std::size_t root, object_id to) {
    roots_[root] = to;
    is_stale_ = true;
}

void shadow_graph::set_edge(object_id from, std::size_t edge, object_id to) {
    at(from).edges[edge] = to;
    is_stale_ = true;
}

void shadow_graph::finalized(object_id id) {
    object& o = at(id);
    KRAIT_REQUIRE(o.is_alive && !o.is_finalized && o.is == kind::final_node);
    KRAIT_REQUIRE(!is_reachable(id) || o.was_garbage);
    o.is_finalized = true;
    o.is_frozen = false; // if it lives on it is tracked again
}

void shadow_graph::died(object_id id) {
    object& o = at(id);
    KRAIT_REQUIRE(o.is_alive && (o.is != kind::final_node || o.is_finalized));
    KRAIT_REQUIRE(!is_reachable(id)); // so its edges made nothing reachable
    o.is_alive = o.is_frozen = false;
    o.edges.fill(no_object);
}

void shadow_graph::freeze() {
    for (object& o : objects_) o.is_frozen = o.is_alive && o.is != kind::leaf;
}

void shadow_graph::unfreeze() {
    for (object& o : objects_) o.is_frozen = false;
}

std::size_t shadow_graph::count_frozen() const {
    return static_cast<std::size_t>(
        std::count_if(objects_.begin(), objects_.end(), [](auto& o) { return o.is_frozen; }));
}

void shadow_graph::watch(weak_handle& handle, object_id target) {
    handle = {target, !is_reachable(target)};
    handles_.push_back(&handle);
}

void shadow_graph::unwatch(weak_handle& handle) {
    std::erase(handles_, &handle);
    handle = {};
}

void shadow_graph::check_handle(const weak_handle& handle, bool is_null) const {
    if (handle.target == no_object || !is_alive(handle.target)) return KRAIT_REQUIRE(is_null);
    KRAIT_REQUIRE(!is_null || handle.may_be_null);
}

bool shadow_graph::is_reachable(object_id id) {
    look();
    return reachable_[static_cast<std::size_t>(id)];
}

std::size_t shadow_graph::count_alive() const {
    return static_cast<std::size_t>(
        std::count_if(objects_.begin(), objects_.end(), [](auto& o) { return o.is_alive; }));
}

std::size_t shadow_graph::references_to(object_id id) const {
    std::ptrdiff_t sum = std::count(roots_.begin(), roots_.end(), id);
    for (const object& o : objects_) sum += std::count(o.edges.begin(), o.edges.end(), id);
    return static_cast<std::size_t>(sum);
}

std::vector<bool> shadow_graph::led_to(bool from_frozen_too) const {
    std::vector<bool> found(objects_.size(), false);
    std::vector<object_id> pending;
    const auto visit = [&](object_id id) {
        if (id == no_object || found[static_cast<std::size_t>(id)]) return;
        found[static_cast<std::size_t>(id)] = true;
        pending.push_back(id);
    };
    for (const object_id root : roots_) visit(root);
    for (std::size_t i = 0; from_frozen_too && i < objects_.size(); ++i) {
        if (objects_[i].is_frozen) visit(static_cast<object_id>(i));
    }
    while (!pending.empty()) {
        const object_id from = pending.back();
        pending.pop_back();
        for (const object_id to : at(from).edges) visit(to);
    }
    return found;
}

void shadow_graph::look() {
    if (!is_stale_) return;
    is_stale_ = false;
    reachable_ = led_to(false);
    for (std::size_t i = 0; i < objects_.size(); ++i) objects_[i].was_garbage |= !reachable_[i];
    for (weak_handle* const each : handles_) {
        if (!reachable_[static_cast<std::size_t>(each->target)]) each->may_be_null = true;
    }
}

std::size_t shadow_graph::count_garbage() {
    look();
    const std::vector<bool> kept = led_to(true);
    std::size_t count = 0;
    for (std::size_t i = 0; i < objects_.size(); ++i)
        count += objects_[i].is_alive && objects_[i].is != kind::leaf && !kept[i];
    return count;
}

void shadow_graph::check_collected() {
    const std::vector<bool> kept = led_to(true);
    for (std::size_t i = 0; i < objects_.size(); ++i) KRAIT_REQUIRE(objects_[i].is_alive == kept[i]);
}

void shadow_graph::check_counted() const {
    std::vector<bool> referred(objects_.size(), false);
    const auto refer = [&](object_id id) {
        if (id != no_object) referred[static_cast<std::size_t>(id)] = true;
    };
    for (const object_id root : roots_) refer(root);
    for (const object& o : objects_) std::for_each(o.edges.begin(), o.edges.end(), refer);
    for (std::size_t i = 0; i < objects_.size(); ++i) KRAIT_REQUIRE(objects_[i].is_alive == referred[i]);
}

} // namespace krait::fuzz
