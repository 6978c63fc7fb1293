#include "report.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace krait::bench {
namespace {

std::size_t bookkeeping_kib = 0;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::_Exit(1);
}

void say(const char* text, int length) {
    if (write(STDOUT_FILENO, text, static_cast<std::size_t>(length)) != length) fail("krait_memory: standard output");
}

std::size_t resident_kib() {
    const int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("krait_memory: /proc/self/smaps_rollup");
    char text[2048];
    const ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0) fail("krait_memory: /proc/self/smaps_rollup");
    text[length] = '\0';
    const char* line = std::strstr(text, "\nRss:");
    if (line == nullptr) fail("krait_memory: no Rss in smaps_rollup");
    return std::strtoul(line + std::strlen("\nRss:"), nullptr, 10);
}

} // namespace

void mark(const char* name) {
    char line[128];
    say(line, std::snprintf(line, sizeof line, "mark %s %zu\n", name, resident_kib() - bookkeeping_kib));
}

void idle(int milliseconds) {
    timespec rest{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
    while (nanosleep(&rest, &rest) != 0) {
    }
}

void* bookkeeping(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) fail("krait_memory: mmap");
    constexpr std::size_t page = 4096;
    const std::size_t kib = (bytes + page - 1) / page * (page / 1024);
    bookkeeping_kib += kib;
    char line[64];
    say(line, std::snprintf(line, sizeof line, "bookkeeping %zu\n", kib));
    return memory;
}

void* mixed_block(random_source& random) {
    const std::size_t share = random.below(10);
    const std::size_t size = share < 6   ? 16 + random.below(64 - 16 + 1)
                             : share < 9 ? 64 + random.below(192 - 64 + 1)
                                         : 200 + random.below(512 - 200 + 1);
    void* block = std::malloc(size);
    if (block == nullptr) fail("krait_memory: malloc");
    return std::memset(block, 0x5A, size);
}

} // namespace krait::bench
