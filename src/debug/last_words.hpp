// Where a report goes behind which the process ends: through the krait command where that puts names to it, else to
// standard error as it was at the start.
#pragma once

#include "base/text.hpp"
#include "debug/session.hpp"

#include <string_view>

namespace krait::debug {

class last_words {
  public:
    last_words() noexcept : uses_channel_(the_session.channel.is_open()) {}
    text& out() noexcept { return out_; }

    // Once all of them are said.
    static void wait_until_written() noexcept {
        if (the_session.channel.is_open()) the_session.channel.wait_until_written();
    }

  private:
    static void sink(void* self, std::string_view part) noexcept { static_cast<last_words*>(self)->write(part); }
    void write(std::string_view part) noexcept {
        uses_channel_ = uses_channel_ && the_session.channel.send(part);
        if (!uses_channel_) file_.write(part);
    }

    os::output_file file_ = the_session.standard_error.file();
    bool uses_channel_;
    text out_{sink, this};
};

} // namespace krait::debug
