// The calls that ask and advise: malloc_trim, mallopt, mallinfo, mallinfo2, malloc_stats, malloc_info.
#include "../../support/hazard.hpp"
#include <cstring>
#include <malloc.h>

namespace {

constexpr std::size_t count = 20000;
constexpr std::size_t size = 400;
void* blocks[count];

void check_malloc_info() {
    char* text = nullptr;
    std::size_t length = 0;
    FILE* stream = open_memstream(&text, &length);
    CHECK(stream);
    CHECK(malloc_info(0, stream) == 0);
    CHECK(std::fclose(stream) == 0);
    CHECK(std::strncmp(text, "<malloc version=\"1\">", 20) == 0);
    CHECK(length > 10 && std::strcmp(text + length - 10, "</malloc>\n") == 0);
    std::free(text);
    CHECK((errno = 0, malloc_info(1, stdout)) != 0);
}

// malloc_stats writes to stderr, so it is turned to a file.
void check_malloc_stats() {
    FILE* file = std::tmpfile();
    const int keep = dup(STDERR_FILENO);
    CHECK(file && keep >= 0 && dup2(fileno(file), STDERR_FILENO) == STDERR_FILENO);
    malloc_stats();
    std::fflush(stderr);
    CHECK(dup2(keep, STDERR_FILENO) == STDERR_FILENO);
    CHECK(lseek(fileno(file), 0, SEEK_END) > 0);
    std::fclose(file);
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    const struct mallinfo2 before = mallinfo2();
    for (auto& block : blocks) {
        block = std::malloc(size);
        hazard::fill(block, size, 1);
    }
    const struct mallinfo2 full = mallinfo2();
    CHECK(full.uordblks >= before.uordblks + count * size);
    CHECK(full.uordblks <= before.uordblks + count * size * 2);
    CHECK(full.arena + full.hblkhd >= full.uordblks);
    CHECK(full.arena == full.uordblks + full.fordblks && full.ordblks > 0);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    CHECK(static_cast<std::size_t>(mallinfo().uordblks) == full.uordblks);
#pragma GCC diagnostic pop
    const std::size_t resident = hazard::memory().resident_kib;
    for (auto& block : blocks) std::free(block);
    CHECK(malloc_trim(0) == 0 || malloc_trim(0) == 0); // returns whether memory went back; the second time none is left
    CHECK(hazard::memory().resident_kib + count * size / 1024 / 2 < resident);
    CHECK(mallinfo2().uordblks <= before.uordblks + 65536);

    CHECK(mallopt(M_TRIM_THRESHOLD, 1 << 20) == 1);
    CHECK(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1);
    CHECK(mallopt(M_ARENA_MAX, 2) == 1);
    check_malloc_info();
    check_malloc_stats();
}
