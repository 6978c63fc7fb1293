// Runs a target without a fuzzer: over the files of a folder (or one file), then over generated inputs, which are the same for the
// same seed everywhere.
//
//   PROGRAM PATH [INPUTS [SEED]]
//
// An input that fails is left in the file failed-input-PID, which PROGRAM takes as its PATH.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

bytes current; // what the target is looking at
std::string name_of_current;

void keep_failed_input(int) {
    std::string const kept = "failed-input-" + std::to_string(getpid());
    std::fprintf(stderr, "failed: %s, kept in %s\n", name_of_current.c_str(), kept.c_str());
    if (std::FILE* const file = std::fopen(kept.c_str(), "wb"); file != nullptr) {
        std::fwrite(current.data(), 1, current.size(), file);
        std::fclose(file);
    }
}

void perform(bytes input, std::string name) {
    current = std::move(input);
    name_of_current = std::move(name);
    LLVMFuzzerTestOneInput(current.data(), current.size());
}

std::vector<bytes> read(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> files{path};
    if (is_directory(path)) {
        files.assign(std::filesystem::directory_iterator(path), {});
        std::sort(files.begin(), files.end());
    }
    std::vector<bytes> inputs;
    for (auto const& file : files) {
        std::ifstream in(file, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        perform(inputs.back(), file.string());
    }
    return inputs;
}

/// Random bytes, or two inputs of the corpus joined somewhere with some bytes changed.
bytes generate(std::mt19937_64& random, const std::vector<bytes>& corpus) {
    bytes made;
    if (corpus.empty() || random() % 3 == 0) {
        made.resize(1 + random() % 400);
        for (auto& each : made) each = static_cast<std::uint8_t>(random());
        return made;
    }
    bytes const &first = corpus[random() % corpus.size()], &second = corpus[random() % corpus.size()];
    made.assign(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(random() % (first.size() + 1)));
    made.insert(made.end(), second.begin() + static_cast<std::ptrdiff_t>(random() % (second.size() + 1)), second.end());
    for (std::size_t changes = random() % 8; changes > 0 && !made.empty(); --changes)
        made[random() % made.size()] = static_cast<std::uint8_t>(random());
    return made;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s PATH [INPUTS [SEED]]\n", argv[0]), 2;
    std::signal(SIGABRT, keep_failed_input);
    std::vector<bytes> const corpus = read(argv[1]);
    unsigned long const inputs = argc > 2 ? std::stoul(argv[2]) : 0, seed = argc > 3 ? std::stoul(argv[3]) : 1;
    std::mt19937_64 random(seed);
    for (unsigned long i = 0; i < inputs; ++i)
        perform(generate(random, corpus), "input " + std::to_string(i) + " of seed " + std::to_string(seed));
    std::printf("%zu files, %lu generated inputs\n", corpus.size(), inputs);
    return 0;
}
