// One thread's events on their way to the file.
//
//   chunk    code of events that is not yet in the file
//   filled   bytes of code in the chunk and the events in them, in one word that the thread writes last: whoever writes
//            the chunks of others, where the process ends, takes whole events
//   written  as much of it as is in the file already, by the holders of the file's lock: written <= filled
//   busy     this thread is within the recorder. What a signal handler does meanwhile is put aside, with its moment,
//            and follows as soon as the recorder is done
//
// A thread that has filled a chunk gets more: a large chunk, wide slots, and slots for the pairs that it looked up.
//
// A stream is recycled when its thread has gone: with another index, as a thread's index is never used again.
#pragma once

#include "trace/event_code.hpp"
#include "trace/format.hpp"
#include "trace/live_set.hpp"
#include "trace/packing.hpp"
#include "trace/python_frames.hpp"
#include "trace/stack_walk.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

// An event of a signal handler within the recorder.
struct event_aside {
    enum class kind : std::uint8_t { alloc, free, map, unmap };
    std::uint64_t stamp, address, size;
    std::uint32_t stack;
    kind what;
    bool by_realloc;
};

struct stream {
    static constexpr std::size_t small_chunk = 1024, large_chunk = 32768;
    static constexpr std::size_t node_slots = 2048, site_slots = 256;
    struct more {
        event_model::wide_table wide;
        std::array<recent_numbers::slot, node_slots> nodes;
        std::array<recent_numbers::slot, site_slots> sites;
        std::array<unsigned char, large_chunk> chunk;
        packer pack;
        std::array<std::uint8_t, packer::bound(large_chunk)> packed;
    };
    static_assert(large_chunk <= longest_packed);

    event_encoder encoder;
    stack_walk walk;
    recent_numbers nodes, sites;   // with a large chunk
    std::uint64_t stamp = 0;       // of the last event
    std::uint64_t first_stamp = 0; // when the thread came
    unsigned char* chunk = nullptr;
    std::uint32_t chunk_bytes = 0;
    std::atomic<std::uint64_t> filled{0};
    std::uint64_t written = 0;
    std::uint32_t chunks = 0; // in the file, whole or in parts: readers outside see by it which of its code is not
    std::uint32_t index = 0;
    std::atomic<std::uint32_t> tid{0};
    bool is_announced = false;     // its thread record is in the file
    more* has = nullptr;           // once had, for good
    python_memo* python = nullptr; // once it ran Python, for good
    std::uint8_t unstamped = 0;
    std::uint8_t aside_count = 0;
    std::atomic<bool> is_busy{false};
    std::uint32_t unloads_seen = 0;
    std::uint32_t forks = 0; // whose stream it is: another one's after a fork in the midst of an event
    std::array<event_aside, 12> aside;
    live_block taken{};     // out of the set of live blocks, by a realloc under way; no address = none
    stream* next = nullptr; // of all that there are

    static constexpr std::uint64_t packed(std::uint64_t bytes, std::uint64_t events) noexcept {
        return bytes << 32 | events;
    }
    std::uint8_t* end_of_code() noexcept { return chunk + (filled.load(std::memory_order_relaxed) >> 32); }
};

} // namespace krait::trace
