#include "observe/formats.hpp"

#include "observe/written.hpp"
#include "statistics/formats.hpp"

#include <nlohmann/json.hpp>

namespace krait::tools {

namespace {

std::string json_quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string number_or_null(std::optional<std::uint64_t> number) { return number ? fmt::format("{}", *number) : "null"; }

// What only the reader knows, then what the library's own report has, then the caches.
std::string object_of(const heap_picture& picture) {
    const auto memory = [&](std::uint64_t process_memory::*bytes) {
        return number_or_null(picture.memory ? std::optional(*picture.memory.*bytes) : std::nullopt);
    };
    std::string text = fmt::format("{{\"version\": {},\n \"krait\": {},\n \"library\": {},\n \"process\": {},\n "
                                   "\"program\": {},\n \"rss_bytes\": {},\n \"anonymous_bytes\": {},\n "
                                   "\"outside_bytes\": {},\n \"torn\": {}",
                                   picture.totals.version, json_quoted(picture.version), json_quoted(picture.library),
                                   picture.process, json_quoted(picture.program), memory(&process_memory::rss),
                                   memory(&process_memory::anonymous), number_or_null(picture.outside()), picture.torn);
    text += written([&](krait::text& out) { write_json_members(out, picture); });
    text += ",\n \"caches\": [";
    for (std::size_t i = 0; i < picture.caches.size(); ++i)
        text += fmt::format("{}\n  {{\"blocks\": {}, \"bytes\": {}}}", i == 0 ? "" : ",", picture.caches[i].blocks,
                            picture.caches[i].bytes);
    return text + "]}";
}

} // namespace

std::string stats_json(const std::vector<heap_picture>& pictures, bool listed) {
    if (!listed) return object_of(pictures.at(0)) + "\n";
    std::string all = "[";
    for (const heap_picture& each : pictures) all += (all.size() == 1 ? "\n " : ",\n ") + object_of(each);
    return all + "\n]\n";
}

} // namespace krait::tools
