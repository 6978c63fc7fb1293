#include "trace/formats.hpp"
#include "trace/frame_tree.hpp"
#include "trace/gzipped.hpp"

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

#include <array>
#include <cmath>
#include <map>

namespace krait::tools {

namespace {

// Field numbers of google/pprof's profile.proto.
namespace field {
enum of_profile : protozero::pbf_tag_type {
    sample_type = 1,
    sample = 2,
    mapping = 3,
    location = 4,
    function = 5,
    strings = 6,
    time_nanos = 9,
    duration_nanos = 10,
    comment = 13,
    default_sample_type = 14
};
} // namespace field

class pprof_writer {
  public:
    pprof_writer(const profile& of, frame_names& names, const profile_filter& filter)
        : profile_(of), names_(names), filter_(filter), writer_(bytes_) {}

    std::string write() {
        text("");                                                                // string 0, as the format has it
        if (!profile_.start.program.empty()) mapping_of(profile_.start.program); // the first is the program, too
        for (const char* type : {"alloc", "temporary", "peak", "inuse"}) {
            write_type(std::string(type) + "_objects", "count");
            write_type(std::string(type) + "_space", "bytes");
        }
        write_samples();
        for (std::size_t frame = 0; frame < has_frame_.size(); ++frame)
            if (has_frame_[frame]) write_frame(static_cast<std::uint32_t>(frame));
        for (std::size_t i = 0; i < objects_.size(); ++i) {
            const std::int64_t object = text(objects_[i]);
            protozero::pbf_writer mapping(writer_, field::mapping);
            mapping.add_uint64(1, i + 1);
            mapping.add_int64(5, object);
            for (const protozero::pbf_tag_type has : {7U, 8U, 9U, 10U}) mapping.add_bool(has, true); // names are here
        }
        writer_.add_int64(field::time_nanos, static_cast<std::int64_t>(profile_.start.numbers.realtime_ns));
        writer_.add_int64(field::duration_nanos, std::llround(profile_.seconds * 1e9));
        writer_.add_int64(field::default_sample_type, text("peak_space"));
        for (const std::string& each : texts_in_order_) writer_.add_string(field::strings, each);
        return gzipped(bytes_);
    }

  private:
    std::int64_t text(const std::string& shown) {
        const auto [known, is_new] = texts_.try_emplace(shown, static_cast<std::int64_t>(texts_.size()));
        if (is_new) texts_in_order_.push_back(shown);
        return known->second;
    }

    std::uint64_t mapping_of(const std::string& object) {
        const auto [known, is_new] = mappings_.try_emplace(object, objects_.size() + 1);
        if (is_new) objects_.push_back(object);
        return known->second;
    }

    void write_type(const std::string& type, const std::string& unit) {
        const std::int64_t type_text = text(type), unit_text = text(unit);
        protozero::pbf_writer value(writer_, field::sample_type);
        value.add_int64(1, type_text);
        value.add_int64(2, unit_text);
    }

    void write_samples() {
        frame_tree tree(profile_, names_);
        std::map<std::pair<std::uint32_t, std::uint32_t>, metrics> samples; // by node and thread
        place_chooser chooser(profile_, names_, filter_);
        for (const profile_place& place : profile_.places)
            if (!place.is_mapping && chooser.is_chosen(place))
                samples[{tree.node_of(place.stack), place.thread}] += place.cost;
        const std::int64_t thread_key = text("thread");
        for (const auto& [key, cost] : samples) {
            std::vector<std::uint64_t> locations;
            tree.for_each_up(key.first, [&](std::uint32_t frame) {
                if (has_frame_.size() <= frame) has_frame_.resize(std::size_t{frame} + 1);
                has_frame_[frame] = true;
                locations.push_back(std::uint64_t{frame} + 1);
            });
            std::array<std::int64_t, 8> values{};
            std::size_t at = 0;
            for (const amount& each : {cost.allocated, cost.temporary, cost.at_peak, cost.at_end}) {
                values[at++] = std::llround(each.calls);
                values[at++] = std::llround(each.bytes);
            }
            const std::int64_t thread_name = text(thread_text(key.second));
            protozero::pbf_writer sample(writer_, field::sample);
            sample.add_packed_uint64(1, locations.begin(), locations.end());
            sample.add_packed_int64(2, values.begin(), values.end());
            protozero::pbf_writer label(sample, 3);
            label.add_int64(1, thread_key);
            label.add_int64(2, thread_name);
        }
    }

    std::string thread_text(std::uint32_t thread) const {
        if (thread >= profile_.threads.size()) return std::to_string(thread);
        return profile_.threads[thread].text();
    }

    // Location and function have the frame's number.
    void write_frame(std::uint32_t id) {
        const frame& of = names_[id];
        const std::int64_t name = text(of.function), file = text(of.file);
        const std::uint64_t mapping = mapping_of(of.object);
        {
            protozero::pbf_writer function(writer_, field::function);
            function.add_uint64(1, std::uint64_t{id} + 1);
            function.add_int64(2, name);
            function.add_int64(4, file);
        }
        protozero::pbf_writer location(writer_, field::location);
        location.add_uint64(1, std::uint64_t{id} + 1);
        location.add_uint64(2, mapping);
        protozero::pbf_writer line(location, 4);
        line.add_uint64(1, std::uint64_t{id} + 1);
        line.add_int64(2, of.line);
    }

    const profile& profile_;
    frame_names& names_;
    const profile_filter& filter_;
    std::string bytes_;
    protozero::pbf_writer writer_;
    std::vector<bool> has_frame_;
    std::map<std::string, std::uint64_t> mappings_; // of objects_, from 1
    std::vector<std::string> objects_;
    std::map<std::string, std::int64_t> texts_;
    std::vector<std::string> texts_in_order_;
};

} // namespace

std::string profile_as_pprof(const profile& of, frame_names& names, const profile_filter& filter) {
    return pprof_writer(of, names, filter).write();
}

} // namespace krait::tools
