// Blocks over 512 bytes, freed: under krait their pages go back while they are, under glibc only those at the end of its heap.
//   large_goes_back returned|kept   what krait is to do with glibc's (with KRAIT_LARGE=own it goes by the reserve)
#include "../../support/hazard.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::size_t bytes = std::size_t{100} << 20;

double resident_mib() {
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    long pages = 0, resident = 0;
    CHECK(file && std::fscanf(file, "%ld %ld", &pages, &resident) == 2);
    std::fclose(file);
    return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::vector<void*> filled(std::size_t least, std::size_t most) {
    hazard::random random{least};
    std::vector<void*> blocks;
    for (std::size_t total = 0; total < bytes;) {
        const std::size_t size = least + random.below(most - least);
        blocks.push_back(std::memset(std::malloc(size), 1, size));
        total += size;
    }
    return blocks;
}

// Frees all but one in a thousand; what is resident in between and then, as shares of what was.
struct outcome {
    double half, end;
};
outcome free_all_but_some(std::vector<void*> blocks) {
    const double before = resident_mib() - 10;
    outcome seen{};
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i % 1000 != 0) std::free(blocks[i]);
        if (i == blocks.size() / 2) seen.half = resident_mib() / before;
    }
    seen.end = resident_mib() / before;
    for (std::size_t i = 0; i < blocks.size(); i += 1000) std::free(blocks[i]);
    return seen;
}

} // namespace

int main(int argc, char** argv) {
    CHECK(argc == 2);
    const bool is_krait = dlsym(RTLD_DEFAULT, "krait_version") != nullptr;
    const char* const large = std::getenv("KRAIT_LARGE");
    const bool are_own = large != nullptr && std::strcmp(large, "own") == 0;
    const bool is_returned = is_krait && std::strcmp(argv[1], "returned") == 0;
    // The heap's end is in use, so that it is for krait to give back.
    for (const auto& [least, most] : {std::pair{600u, 4000u}, {4000u, 100'000u}}) {
        auto blocks = filled(least, most);
        void* const end = std::malloc(100'000);
        const outcome in_order = free_all_but_some(blocks);
        auto others = filled(least, most);
        void* const second_end = std::malloc(100'000);
        hazard::random random{7};
        for (std::size_t i = others.size(); i > 1; --i) std::swap(others[i - 1], others[random.below(i)]);
        const outcome at_random = free_all_but_some(others);
        if (is_returned) {
            CHECK(in_order.half < 0.85);
            CHECK(in_order.end < 0.4);
            CHECK(at_random.end < 0.5);
        } else if (is_krait && !are_own && most < 10'000) {
            CHECK(in_order.end > 0.8);
        }
        std::free(end);
        std::free(second_end);
    }
}
