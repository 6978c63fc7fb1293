// A service that takes JSON documents, changes them and sends them on: parse, edit, merge, dump, drop.
#include <nlohmann/json.hpp>

#include <cstdio>
#include <random>
#include <string>

namespace {

using json = nlohmann::json;

constexpr int documents = 60, records = 4'000;

json record(std::mt19937& random, int id) {
    json made = {{"id", id}, {"name", "record number " + std::to_string(id)}, {"active", id % 3 == 0}};
    made["position"] = {{"x", id * 0.5}, {"y", id * 0.25}};
    for (unsigned i = 0; i < 1 + random() % 6; ++i) made["tags"].push_back("tag" + std::to_string(random() % 1000));
    return made;
}

std::string document(std::mt19937& random) {
    json made = {{"version", 1}, {"records", json::array()}};
    for (int id = 0; id < records; ++id) made["records"].push_back(record(random, id));
    return made.dump();
}

void edit(json& parsed, std::mt19937& random) {
    auto& all = parsed["records"];
    for (auto& one : all) {
        if (random() % 4 == 0) one["comment"] = "seen " + std::to_string(random() % 100) + " times, and once more";
        if (random() % 5 == 0) one.erase("tags");
    }
    for (std::size_t i = all.size() / 2; i + 1 < all.size(); i += 50) all.erase(i);
}

} // namespace

int main() {
    std::mt19937 random(1);
    std::size_t bytes = 0;
    json merged = json::object();
    for (int i = 0; i < documents; ++i) {
        json parsed = json::parse(document(random));
        edit(parsed, random);
        bytes += parsed.dump().size();
        // The last few documents stay, as a cache keeps them.
        merged["document" + std::to_string(i % 4)] = std::move(parsed);
    }
    std::printf("%zu\n", bytes + merged.dump().size());
}
