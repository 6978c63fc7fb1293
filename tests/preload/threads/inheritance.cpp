// Threads come and go, sixteen at a time, each inheriting blocks that threads before it left: it checks and frees some, allocates
// others, and passes all on. Nothing may be lost with a thread: neither blocks, nor memory, nor what krait knows of itself.
//
//   inheritance [THREADS]
#include "../inspection.hpp"
#include <malloc.h>
#include <pthread.h>

namespace {

constexpr std::size_t at_a_time = 16;
constexpr std::size_t blocks_each = 32;

struct legacy {
    void* blocks[blocks_each];
    std::size_t sizes[blocks_each];
    std::size_t patterns[blocks_each];
    std::size_t seed;
};
legacy estates[at_a_time];

void renew(legacy& estate, std::size_t i, hazard::random& random) {
    if (estate.blocks[i]) {
        CHECK(hazard::filled(estate.blocks[i], estate.sizes[i], estate.patterns[i]));
        std::free(estate.blocks[i]);
    }
    estate.sizes[i] = 1 + random.below(random.below(16) ? 512 : 4000);
    estate.blocks[i] = std::malloc(estate.sizes[i]);
    CHECK(estate.blocks[i]);
    estate.patterns[i] = random.below(1 << 20); // two blocks of one size differ
    hazard::fill(estate.blocks[i], estate.sizes[i], estate.patterns[i]);
}

void* live(void* argument) {
    auto& estate = *static_cast<legacy*>(argument);
    hazard::random random{++estate.seed * 0x9e3779b97f4a7c15u + 1};
    for (std::size_t i = 0; i < blocks_each; ++i)
        if (random.below(2)) renew(estate, i, random);
    for (std::size_t size = 8; size <= 512; size += 56) std::free(std::malloc(size)); // left in this thread's cache
    return nullptr;
}

// Each generation takes the estates over from another place than it leaves them to.
void run_generations(std::size_t threads) {
    for (std::size_t generation = 0; generation * at_a_time < threads; ++generation) {
        pthread_t alive[at_a_time];
        for (std::size_t i = 0; i < at_a_time; ++i)
            CHECK(pthread_create(&alive[i], nullptr, live, &estates[(i + generation) % at_a_time]) == 0);
        for (pthread_t thread : alive) CHECK(pthread_join(thread, nullptr) == 0);
    }
}

} // namespace

int main(int count, char** arguments) {
    hazard::do_without_huge_pages();
    const std::size_t threads = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100000;
    for (std::size_t i = 0; i < at_a_time; ++i) estates[i].seed = i << 32;
    run_generations(threads / 10);
    malloc_trim(0);
    const hazard::process_memory before = hazard::memory();
    const krait_stats krait_before = hazard::statistics();
    run_generations(threads - threads / 10);
    malloc_trim(0);
    const hazard::process_memory after = hazard::memory();
    const krait_stats krait_after = hazard::statistics();
    CHECK(hazard::nothing_contradicts());
    CHECK(krait_after.thread_caches <= 1);
    CHECK(krait_after.blocks_in_use <= krait_before.blocks_in_use + 64); // the mix of sizes over and under 512 varies
    CHECK(krait_after.bytes_resident <= krait_before.bytes_resident + (1 << 20));
    CHECK(krait_after.bytes_tables <= krait_before.bytes_tables);
    if (hazard::is_served_by_krait()) { // glibc's arenas for threads are none of this test's business
        CHECK(after.resident_kib <= before.resident_kib + 2048);
        CHECK(after.virtual_kib <= before.virtual_kib + 2048);
    }
    for (legacy& estate : estates)
        for (void* block : estate.blocks) std::free(block);
    CHECK(hazard::nothing_contradicts());
}
