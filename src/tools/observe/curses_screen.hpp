#pragma once

#include "observe/top_screen.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <vector>

struct screen; // curses' SCREEN

namespace krait::tools {

// The terminal as curses has it; given back in any case.
class curses_screen {
  public:
    explicit curses_screen(std::FILE* out);
    ~curses_screen();
    curses_screen(const curses_screen&) = delete;
    curses_screen& operator=(const curses_screen&) = delete;

    std::size_t width() const;
    std::size_t height() const;
    void show(const std::vector<top_line>& lines) const;

    static constexpr int no_key = -1;
    // The next key, which standard input has within that time.
    int key(std::chrono::steady_clock::duration within) const;

  private:
    int attribute_of(top_colour colour) const;

    ::screen* screen_;
    bool has_colour_ = false;
};

// The seconds between two pictures after that key: + and - double and halve them, from a tenth to 60.
double interval_after(int key, double interval);

} // namespace krait::tools
