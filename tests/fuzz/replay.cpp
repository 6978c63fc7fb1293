// Runs a target without a fuzzer: over the files of a folder (or one file), then over generated inputs, which are the same
// for the same seed everywhere.
//
//   PROGRAM PATH [INPUTS [SEED]]
//
// An input that fails, by a signal or by a sanitizer's word, is left in the file failed-input-PID, which PROGRAM takes as PATH.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*)()); // where there is a sanitizer

namespace {

using bytes = std::vector<std::uint8_t>;

bytes current; // what the target is looking at
std::string name_of_current;

constexpr std::array deadly{SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
std::array<struct sigaction, deadly.size()> actions_before;

void keep_failed_input() {
    if (name_of_current.empty()) return; // it is kept, or there is none
    const std::string kept = "failed-input-" + std::to_string(getpid());
    std::fprintf(stderr, "failed: %s, kept in %s\n", name_of_current.c_str(), kept.c_str());
    if (std::FILE* const file = std::fopen(kept.c_str(), "wb"); file != nullptr) {
        std::fwrite(current.data(), 1, current.size(), file);
        std::fclose(file);
    }
    name_of_current.clear();
}

// Then the signal comes again, to a sanitizer or as the process's end.
void on_deadly_signal(int) {
    keep_failed_input();
    for (std::size_t i = 0; i < deadly.size(); ++i) sigaction(deadly[i], &actions_before[i], nullptr);
}

void watch_for_the_end() {
    struct sigaction action = {};
    action.sa_handler = on_deadly_signal;
    for (std::size_t i = 0; i < deadly.size(); ++i) sigaction(deadly[i], &action, &actions_before[i]);
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(keep_failed_input);
}

[[noreturn]] void refuse(const std::string& what) {
    std::fprintf(stderr, "%s\nusage: PROGRAM PATH [INPUTS [SEED]]\n", what.c_str());
    std::exit(2);
}

unsigned long number_in(std::string_view text) {
    unsigned long number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || rest != text.data() + text.size()) refuse(std::string(text) + " is no number");
    return number;
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
    if (files.empty()) refuse("no input is in " + path.string());
    std::vector<bytes> inputs;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        if (!in) refuse(file.string() + " cannot be read");
        inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        perform(inputs.back(), file.string());
    }
    return inputs;
}

// Random bytes, or two inputs of the corpus joined somewhere with some bytes changed.
bytes generate(std::mt19937_64& random, const std::vector<bytes>& corpus) {
    bytes made;
    if (corpus.empty() || random() % 3 == 0) {
        made.resize(1 + random() % 400);
        for (auto& each : made) each = static_cast<std::uint8_t>(random());
        return made;
    }
    const bytes &first = corpus[random() % corpus.size()], &second = corpus[random() % corpus.size()];
    made.assign(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(random() % (first.size() + 1)));
    made.insert(made.end(), second.begin() + static_cast<std::ptrdiff_t>(random() % (second.size() + 1)), second.end());
    for (std::size_t changes = random() % 8; changes > 0 && !made.empty(); --changes)
        made[random() % made.size()] = static_cast<std::uint8_t>(random());
    return made;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) refuse("no PATH");
    const unsigned long inputs = argc > 2 ? number_in(argv[2]) : 0, seed = argc > 3 ? number_in(argv[3]) : 1;
    watch_for_the_end();
    const std::vector<bytes> corpus = read(argv[1]);
    std::mt19937_64 random(seed);
    for (unsigned long i = 0; i < inputs; ++i)
        perform(generate(random, corpus), "input " + std::to_string(i) + " of seed " + std::to_string(seed));
    std::printf("%zu files, %lu generated inputs\n", corpus.size(), inputs);
    return 0;
}
