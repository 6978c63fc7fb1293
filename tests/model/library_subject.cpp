#include "model/library_subject.hpp"

#include "../support/statistics.hpp"
#include "model/totals.hpp"

#include <krait/krait.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace krait::model {

namespace {

krait_stats stats() {
    krait_stats s;
    krait_stats_get(&s, sizeof s);
    return s;
}

// The class table of krait_stats_print, whose columns are CPython's and one more for thread caches.
std::vector<class_totals> printed_classes(const layout& l) {
    std::vector<class_totals> classes(l.classes());
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
    if (!file) throw std::runtime_error("no temporary file can be created");
    krait_stats_print(fileno(file.get()));
    std::rewind(file.get());
    char line[256];
    while (std::fgets(line, sizeof line, file.get())) {
        std::size_t szidx, size, cached;
        class_totals c;
        if (std::sscanf(line, "%zu %zu %zu %zu %zu %zu", &szidx, &size, &c.pools, &c.blocks, &c.available, &cached) !=
            6)
            continue;
        if (szidx >= classes.size() || size != l.class_size(szidx) || cached != 0)
            throw std::runtime_error(std::string("unexpected line in the statistics: ") + line);
        classes[szidx] = c;
    }
    return classes;
}

} // namespace

library_subject::library_subject(const layout& l, free_pages pages) : memory_subject(l), layout_(l) {
    const std::size_t address_space = l.arena_limit == unlimited ? 0 : l.arena_limit * l.arena_bytes;
    setenv("KRAIT_TCACHE", "0", 1);
    setenv("KRAIT_ADDRESS_SPACE", std::to_string(address_space).c_str(), 1);
    setenv("KRAIT_POOL_RESERVE", std::to_string(l.pool_header).c_str(), 1);
    // Without thread caches, and nothing else said, free pools keep their pages.
    const bool purges = pages == free_pages::given_back;
    for (const char* option : {"KRAIT_RETAIN", "KRAIT_RETAIN_PERCENT", "KRAIT_DECAY"})
        purges ? setenv(option, "0", 1) : unsetenv(option);
}

void* library_subject::allocate(std::size_t bytes) {
    void* const block = krait_malloc(bytes);
    observe(block, nullptr);
    return block;
}

// realloc(p, 0) frees, and realloc(NULL, n) allocates; here a slot that lost its block stays without one, as a foreign
// block stays foreign.
void* library_subject::reallocate(void* block, std::size_t, std::size_t bytes) {
    if (!block) return nullptr;
    void* const result = krait_realloc(block, bytes);
    observe(result, block);
    return result;
}

void library_subject::release(void* block) {
    krait_free(block);
    observe(nullptr, block);
}

void library_subject::observe(const void* gave, const void* took_back) {
    const krait_stats s = stats();
    ledger().observe(s.arenas_created, s.arenas_released, gave, took_back);
}

std::string library_subject::statistics() {
    const krait_stats s = stats();
    if (!support::adds_up(s)) throw std::runtime_error("the library's statistics do not add up");
    return in_cpythons_words(
        {printed_classes(layout_), s.pools_free, s.arenas_created, s.arenas_released, s.arenas_highwater}, layout_);
}

} // namespace krait::model
