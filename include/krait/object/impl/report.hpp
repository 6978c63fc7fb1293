// The layer's lines, and who gets them.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <krait/object/report.hpp>

namespace krait::detail {

KRAIT_OBJECT_DECL void write_to_stderr(std::string_view message) {
    std::fprintf(stderr, "krait: %.*s\n", static_cast<int>(message.size()), message.data());
}
KRAIT_OBJECT_DECL void report(std::string_view message) noexcept {
    try {
        current_unraisable_hook.load(std::memory_order_relaxed)(message);
    } catch (...) {
        write_to_stderr(message);
    }
}
KRAIT_OBJECT_DECL void report_exception(std::string_view where, std::string_view type) noexcept {
    std::string message;
    try {
        message.append("exception ignored in ").append(where).append(" of ").append(type);
        try {
            throw;
        } catch (const std::exception& error) {
            message.append(": ").append(error.what());
        } catch (...) {
            message.append(": not derived from std::exception");
        }
        report(message);
    } catch (...) {
        report("exception ignored; no memory to say which");
    }
}
KRAIT_OBJECT_DECL void fail(std::string_view message) noexcept {
    report(message);
    std::abort();
}
KRAIT_OBJECT_DECL void report_about(std::string_view before, std::string_view type, std::string_view after) noexcept {
    try {
        report(std::string(before).append(type).append(after));
    } catch (...) {
        report(before);
    }
}

} // namespace krait::detail
