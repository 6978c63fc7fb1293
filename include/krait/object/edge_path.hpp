// What an object is called, by its own type, and how it refers to another: ".to[0]", ".#2.owner", "['key']".
//
// A walk tells its visitor where in the object it is (walk.hpp): names from KRAIT_FIELDS, positions otherwise.
// Python's values say themselves what their references are called (type_record::label).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <krait/object/visitors.hpp>

namespace krait::detail {

inline std::string display_name(const object_head* head) {
    const type_record* const record = record_of(head);
    return record->own_type != nullptr ? record->own_type(object_of(head)) : std::string(record->name);
}

// Keeps the way to where the walk is, and puts it into words only when asked: most references are looked at in vain.
class edge_path : public edge_visitor {
  public:
    // Whose references come now.
    void start(const object_head* from) noexcept {
        from_ = from;
        path_.clear();
    }
    void enter(std::string_view name) override { path_.push_back({name, 0, false}); }
    void enter(std::size_t index) override { path_.push_back({{}, index, true}); }
    void leave() override { path_.pop_back(); }

    std::string label() const {
        std::string label;
        if (const type_record* const record = record_of(from_); record->value != 0 && !path_.empty()) {
            if (record->label != nullptr)
                record->label(object_of(from_), path_.front().index, label);
            else
                label.append("[").append(std::to_string(path_.front().index)).append("]");
            return label;
        }
        for (const step& at : path_) {
            if (!at.is_index) {
                if (!at.name.empty()) label.append(".").append(at.name);
            } else if (label.empty()) {
                label.append(".#").append(std::to_string(at.index));
            } else {
                label.append("[").append(std::to_string(at.index)).append("]");
            }
        }
        return label;
    }

  protected:
    ~edge_path() = default;

  private:
    struct step {
        std::string_view name;
        std::size_t index;
        bool is_index;
    };

    const object_head* from_ = nullptr;
    std::vector<step> path_;
};

} // namespace krait::detail
