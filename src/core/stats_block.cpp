// The statistics block, and the note that leads to it. A file of its own: whatever of krait a program links needs it,
// so it comes along from an archive.
#include "core/reader_call.hpp"
#include "core/stats_note.hpp"

constinit struct krait_stats_layout krait_stats_block {};

extern "C"
    [[gnu::alias("krait_stats_block"), gnu::visibility("hidden"), gnu::used]] krait_stats_layout krait_own_stats_block;
KRAIT_STATS_NOTE(krait_own_stats_block);

#if defined(__x86_64__)
// What reader_call.hpp describes: the frame is behind the ten words that are saved.
asm(".pushsection .text.krait_reader_call,\"ax\",@progbits\n"
    ".hidden krait_reader_call\n"
    ".globl krait_reader_call\n"
    ".type krait_reader_call,@function\n"
    "krait_reader_call:\n"
    "    pushfq\n"
    "    pushq %rax\n"
    "    pushq %rcx\n"
    "    pushq %rdx\n"
    "    pushq %rsi\n"
    "    pushq %rdi\n"
    "    pushq %r8\n"
    "    pushq %r9\n"
    "    pushq %r10\n"
    "    pushq %r11\n"
    "    movq 80(%rsp), %rax\n"
    "    movq 88(%rsp), %rdi\n"
    "    movq 96(%rsp), %rsi\n"
    "    movq 104(%rsp), %rdx\n"
    "    xorl %r10d, %r10d\n"
    "    xorl %r8d, %r8d\n"
    "    syscall\n"
    "    testq %rax, %rax\n"
    "    jne 1f\n"
    "    cmpq $56, 80(%rsp)\n" // clone
    "    jne 1f\n"
    "    movl $231, %eax\n" // exit_group
    "    xorl %edi, %edi\n"
    "    syscall\n"
    "1:  popq %r11\n"
    "    popq %r10\n"
    "    popq %r9\n"
    "    popq %r8\n"
    "    popq %rdi\n"
    "    popq %rsi\n"
    "    popq %rdx\n"
    "    popq %rcx\n"
    "    popq %rax\n"
    "    popfq\n"
    "    leaq 32(%rsp), %rsp\n" // to go_on_at; flags stay
    "    retq $128\n"           // and over the red zone
    ".size krait_reader_call, . - krait_reader_call\n"
    ".popsection\n");

static_assert(krait::bytes_of_red_zone == 128 && sizeof(krait::reader_call_frame) == 40 &&
              krait::reader_call_note_type == 3);
KRAIT_NOTE(krait_reader_call, "3");
#endif
