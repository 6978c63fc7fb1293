#include "trace/put_event.hpp"

#include <array>

namespace krait::trace {

void put_what_is_aside(stream& s) noexcept {
    for (std::uint8_t i = 0; i < s.aside_count; ++i) {
        const event_aside event = s.aside[i];
        const std::uint64_t stamp = std::max(event.stamp, s.stamp);
        switch (event.what) {
        case event_aside::kind::alloc:
            put_alloc(s, stamp, event.stack, event.address, event.size, event.by_realloc);
            break;
        case event_aside::kind::free:
            put_free(s, stamp, event.address, event.by_realloc);
            break;
        case event_aside::kind::map:
            put_map(s, stamp, event.stack, event.address, event.size);
            break;
        case event_aside::kind::unmap:
            put_unmap(s, stamp, event.address, event.size);
            break;
        }
    }
    s.aside_count = 0;
}

std::uint32_t stack_with_python(stream& s, const void* frame) noexcept {
    s.walk.walk(frame, the_session.rules, the_session.own_begin, the_session.own_end);
    if (KRAIT_UNLIKELY(s.python == nullptr))
        s.python = static_cast<python_memo*>(os::map_anywhere(sizeof(python_memo)));
    if (KRAIT_LIKELY(s.python != nullptr)) {
        const std::uint32_t node =
            the_session.python.number_of(s.walk, the_session.chosen.frames, *s.python, the_session.nodes, s.nodes);
        if (node != 0) return node;
    }
    return s.walk.number_of(the_session.nodes, s.nodes);
}

std::uint32_t short_stack_of(const void* frame) noexcept {
    constexpr std::size_t few = 8;
    alignas(8) std::array<unsigned char, stack_walk::bytes_for(few)> memory;
    stack_walk walk;
    walk.open(memory.data(), few);
    recent_numbers none;
    return walk.capture(frame, the_session.rules, the_session.nodes, none, the_session.own_begin, the_session.own_end);
}

} // namespace krait::trace
