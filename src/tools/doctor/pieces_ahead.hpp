// Pieces of a picture's memory, one after the other: a thread reads the next one while somebody looks at this one, as
// what the kernel copies takes much of the time of a picture.
//
//   of two buffers one is looked at, and one is filled
//   empty + filled + looked at + being filled = 2
#pragma once

#include "doctor/picture_memory.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <semaphore>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace krait::tools {

class pieces_ahead {
  public:
    static constexpr std::size_t most_bytes = std::size_t{1} << 20; // of a piece

    pieces_ahead(const picture_memory& memory, std::vector<picture_memory::span> pieces)
        : memory_(memory), pieces_(std::move(pieces)) {
        if (pieces_.size() < 2) return;
        try {
            reader_ = std::thread([this] { read_all(); });
        } catch (const std::system_error&) { // it has no more threads: then each is read when it is asked for
        }
    }
    ~pieces_ahead() {
        if (!reader_.joinable()) return;
        is_given_up_ = true;
        empty_.release();
        reader_.join();
    }
    pieces_ahead(const pieces_ahead&) = delete;
    pieces_ahead& operator=(const pieces_ahead&) = delete;

    // The next piece, until the one behind it is asked for.
    const char* next() {
        const std::size_t piece = asked_++;
        if (!reader_.joinable()) return read(piece);
        if (piece != 0) empty_.release();
        filled_.acquire();
        return buffers_[piece % buffers_.size()].data();
    }

  private:
    const char* read(std::size_t piece) {
        std::vector<char>& buffer = buffers_[piece % buffers_.size()];
        buffer.resize(most_bytes);
        memory_.read(pieces_[piece].start, buffer.data(), pieces_[piece].end - pieces_[piece].start);
        return buffer.data();
    }
    void read_all() {
        for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
            empty_.acquire();
            if (is_given_up_) return;
            read(piece);
            filled_.release();
        }
    }

    const picture_memory& memory_;
    const std::vector<picture_memory::span> pieces_;
    std::array<std::vector<char>, 2> buffers_;
    std::counting_semaphore<> empty_{2}, filled_{0};
    std::atomic<bool> is_given_up_ = false;
    std::size_t asked_ = 0;
    std::thread reader_;
};

} // namespace krait::tools
