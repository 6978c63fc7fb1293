#include "doctor/shapes.hpp"

#include "trace/amount_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace krait::tools {

namespace {

constexpr std::uint64_t many_elements = 1000;
constexpr std::uint64_t many_listeners = 32;
constexpr std::uint64_t large_capture = 64 << 10;

bool is_table(const std::string& kind) { return kind == "std::map or set" || kind == "std::unordered_map or set"; }
bool is_queue(const std::string& kind) { return kind == "std::deque" || kind == "std::list"; }
bool is_listener_list(const std::string& kind) {
    return kind == "std::vector of std::function" || kind == "std::vector of pointers to objects";
}

// Elements where they are known, else bytes.
std::uint64_t size_of(const known_container& of) { return of.elements != 0 ? of.elements : of.bytes; }

class shape_finder {
  public:
    shape_finder(const diagnosis& of, const diagnosis* before) : of_(of), before_(before) {
        if (before == nullptr) return;
        for (const held_node& each : before->holders) note_sizes(each, each.name);
    }

    std::vector<shape> found() {
        for (const lost_group& each : of_.lost_groups)
            if (!each.circle.empty())
                add("cycle",
                    fmt::format("{} of lost blocks: looks like a cycle of std::shared_ptr ({})",
                                bytes_text(static_cast<double>(each.own.bytes + each.behind.bytes)), each.circle));
        for (const held_node& each : of_.holders) look_at(each, each.name);
        return std::move(found_);
    }

  private:
    void add(const char* kind, std::string sentence) {
        constexpr std::size_t most = 50;
        if (found_.size() < most) found_.push_back({kind, std::move(sentence)});
    }

    // Of several alike in one holder the largest counts.
    void note_sizes(const held_node& of, const std::string& holder) {
        for (const known_container& each : of.containers) {
            std::uint64_t& size = sizes_before_[holder + "\n" + each.kind];
            size = std::max(size, size_of(each));
        }
        for (const held_node& each : of.held) note_sizes(each, holder);
    }

    void look_at(const held_node& of, const std::string& holder) {
        for (const known_container& each : of.containers) look_at(each, of, holder);
        for (const held_node& each : of.held) look_at(each, holder);
    }

    void look_at(const known_container& container, const held_node& in, const std::string& holder) {
        const std::string what = fmt::format("{}: {}", holder, container.text);
        const std::string retained = bytes_text(static_cast<double>(in.retained.bytes));
        if (container.kind == "std::function" && container.bytes >= large_capture)
            add("closure", fmt::format("{} looks like a closure that keeps a large capture ({})", what,
                                       bytes_text(static_cast<double>(container.bytes))));
        if (is_listener_list(container.kind) && container.elements >= many_listeners)
            add("listeners", fmt::format("{} looks like a list of listeners that nobody takes off{}", what,
                                         growth_text(container, holder)));
        if (before_ != nullptr && !has_grown(container, holder)) return;
        const bool is_large = container.elements >= many_elements || container.bytes >= large_capture;
        if (!is_large) return;
        if (is_table(container.kind))
            add("cache", fmt::format("{}, which keeps {}, looks like a cache {}", what, retained,
                                     before_ != nullptr ? "that only grows" + growth_text(container, holder)
                                                        : "(a second picture and --since tell whether it grows)"));
        if (is_queue(container.kind))
            add("queue", fmt::format("{}, which keeps {}, looks like a queue {}", what, retained,
                                     before_ != nullptr ? "without a reader" + growth_text(container, holder)
                                                        : "(a second picture and --since tell whether it is read)"));
    }

    std::uint64_t size_before(const known_container& of, const std::string& holder) const {
        const auto found = sizes_before_.find(holder + "\n" + of.kind);
        return found == sizes_before_.end() ? 0 : found->second;
    }
    bool has_grown(const known_container& of, const std::string& holder) const {
        return size_of(of) > size_before(of, holder);
    }
    std::string growth_text(const known_container& of, const std::string& holder) const {
        if (before_ == nullptr || !has_grown(of, holder)) return {};
        const auto text = [&of](std::uint64_t size) {
            return of.elements != 0 ? count_text(static_cast<double>(size)) : bytes_text(static_cast<double>(size));
        };
        return fmt::format(": {} before, {} now", text(size_before(of, holder)), text(size_of(of)));
    }

    const diagnosis& of_;
    const diagnosis* before_;
    std::map<std::string, std::uint64_t> sizes_before_;
    std::vector<shape> found_;
};

} // namespace

std::vector<shape> find_shapes(const diagnosis& of, const diagnosis* before) {
    return shape_finder(of, before).found();
}

} // namespace krait::tools
