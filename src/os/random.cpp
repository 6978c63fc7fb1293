#include "os/random.hpp"

#include "os/clock.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <cstring>
#include <sys/random.h>

namespace krait::os {

namespace {

// Words that differ from call to call and from process to process, as far as no system call can tell.
std::uint64_t guessed(std::uint64_t number) noexcept {
    std::uint64_t word = random_of_process() ^ clock_us() * 0x9e3779b97f4a7c15 ^ number << 56;
    word ^= word >> 29;
    word *= 0xd6e8feb86659fd93;
    return word ^ word >> 32;
}

} // namespace

void fill_random(void* memory, std::size_t bytes) noexcept {
    const errno_kept keep;
    if (!has_filter() && system_call(SYS_getrandom, memory, bytes, GRND_NONBLOCK) == static_cast<long>(bytes)) return;
    for (std::size_t at = 0; at < bytes; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = guessed(at);
        std::memcpy(static_cast<char*>(memory) + at, &word, bytes - at < sizeof word ? bytes - at : sizeof word);
    }
}

std::uint64_t fresh_random() noexcept {
    std::uint64_t word = 0;
    fill_random(&word, sizeof word);
    return word;
}

} // namespace krait::os
