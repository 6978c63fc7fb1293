#pragma once

#include <cstddef>
#include <string_view>

// Places a file's bytes between the symbols NAME_begin and NAME_end, and gives them as text.
#define KRAIT_EMBED(name, file)                                                                                        \
    asm(".pushsection .rodata\n" #name "_begin:\n.incbin \"" file "\"\n" #name "_end:\n.byte 0\n.popsection\n");       \
    extern "C" const char name##_begin[];                                                                              \
    extern "C" const char name##_end[]

#define KRAIT_EMBEDDED(name) std::string_view(name##_begin, static_cast<std::size_t>(name##_end - name##_begin))
