// Blocks of krait's own heap of large blocks that realloc makes larger and smaller where they are: addresses, contents,
// what malloc_usable_size says, a copy of the process, frees by another thread, what is told of wrong frees, and how much
// is kept of a block that shrank.
// The heap is fresh at first: the places behind a class's first block are free.
#include "../../support/hazard.hpp"
#include <csignal>
#include <malloc.h>
#include <string_view>
#include <sys/wait.h>
#include <thread>

namespace {

using bytes = unsigned char*;

constexpr std::size_t step = 1000, place = 18'432, most = 250'000; // a class's size, and within one run of it

bytes grown(bytes block, std::size_t from, std::size_t to) {
    for (std::size_t size = from; size < to; size += step) {
        block = static_cast<bytes>(std::realloc(block, size + step));
        CHECK(block && hazard::filled(block, size, 3));
        hazard::fill(block, size + step, 3);
    }
    return block;
}

// Grows in place up to the run's end, and gives up what it need not have: at most a place is too much.
void stays() {
    auto* const block = static_cast<bytes>(std::malloc(place));
    hazard::fill(block, place, 3);
    for (std::size_t size = place; size < most; size += step) {
        CHECK(std::realloc(block, size + step) == block);
        CHECK(hazard::filled(block, size, 3));
        CHECK(malloc_usable_size(block) >= size + step && malloc_usable_size(block) < size + step + place);
        hazard::fill(block, size + step, 3);
    }
    auto* const behind = static_cast<bytes>(std::malloc(place));
    CHECK(behind != nullptr && (behind < block || behind >= block + most));
    for (std::size_t size = most; size > 2 * place; size -= step) {
        CHECK(std::realloc(block, size) == block);
        CHECK(hazard::filled(block, size, 3));
        CHECK(3 * malloc_usable_size(block) < 4 * size || malloc_usable_size(block) < size + place);
    }
    auto* taken = static_cast<bytes>(std::malloc(place)); // of what it gave up, in the end
    for (int i = 0; i < 100 && !(taken > block && taken < block + most); ++i)
        taken = static_cast<bytes>(std::malloc(place));
    CHECK(taken > block && taken < block + most);
    // Somebody is in the way now: it moves.
    const bytes moved = grown(block, 2 * place, most);
    CHECK(moved != block);
    std::free(taken);
    std::free(behind);
    std::free(moved);
}

// Where less than its first place would do, pymalloc's rule says whether it stays: unless a quarter or more is saved.
void shrinks() {
    constexpr std::size_t large = 65'536, small = 5'000;
    for (const std::size_t last : {small, large / 2, large - 1000}) {
        auto* block = static_cast<bytes>(std::malloc(large));
        for (int i = 0; i < 100 && std::realloc(block, 3 * large) != block; ++i)
            block = static_cast<bytes>(std::malloc(large));
        CHECK(malloc_usable_size(block) >= 3 * large);
        hazard::fill(block, 3 * large, 3);
        block = static_cast<bytes>(std::realloc(block, last));
        CHECK(block && hazard::filled(block, last, 3));
        CHECK(3 * malloc_usable_size(block) < 4 * last);
        std::free(block);
    }
}

void in_copies() {
    const bytes block = grown(static_cast<bytes>(std::calloc(1, 1)), 0, 60'000);
    const bytes other = grown(static_cast<bytes>(std::calloc(1, 1)), 0, 60'000);
    std::thread([=] { std::free(other); }).join();
    const pid_t child = fork();
    if (child == 0) {
        const bytes larger = grown(block, 60'000, 120'000);
        std::free(std::realloc(larger, 10'000));
        std::exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(hazard::filled(block, 60'000, 3));
    std::free(block);
}

// What a process that does so says before it aborts.
template <class Wrong>
void is_told(const char* line, Wrong wrong) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        auto* block = static_cast<bytes>(std::malloc(place));
        for (int i = 0; i < 100 && std::realloc(block, 4 * place) != block; ++i)
            block = static_cast<bytes>(std::malloc(place));
        wrong(block);
        _exit(0);
    }
    close(ends[1]);
    char said[256] = {};
    for (std::size_t length = 0; length < sizeof said - 1;) {
        const ssize_t count = read(ends[0], said + length, sizeof said - 1 - length);
        if (count <= 0) break;
        length += static_cast<std::size_t>(count);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (std::string_view(said).find(line) == std::string_view::npos) hazard::fail(said, line, status);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    close(ends[0]);
}

void misused() {
    is_told("double free", [](bytes block) {
        std::free(block);
        std::free(block);
    });
    is_told("free of a pointer that is not the start of a block", [](bytes block) { std::free(block + place); });
    is_told("realloc of a pointer that is not the start of a block",
            [](bytes block) { std::free(std::realloc(block + 2 * place, 7)); });
    is_told("double free", [](bytes block) { // of a place that it gave up
        CHECK(std::realloc(block, 2 * place) == block);
        std::free(block + 3 * place);
    });
}

} // namespace

int main() {
    hazard::fail_if_hung();
    stays();
    in_copies();
    misused();
    shrinks(); // last: what it leaves free makes other runs go back
}
