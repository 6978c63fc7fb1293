// A program that offers to say of its objects what krait/object/look.hpp says, and answers with lies: krait doctor
// believes none that it could come to harm by. Cases:
//
//   wraps    more weak nodes than there are words: with the targets their number is a small one again
//   answers  more objects are answered than were asked about
//   room     where the answer is, and how much room it has, is changed
//   asks     the list is always longer than there is room for
//   ends     the copy ends while it is asked
//   forgets  the memory that it is asked in is gone
//   writes FILE   to the file, through a descriptor that it has, a new one, and memory that it shares with it
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

struct order {
    std::uint64_t wanted;
    const std::uint64_t* in;
    std::size_t count;
    std::uint64_t* out;
    std::size_t room, used, done;
};

std::string_view lie;
std::uint64_t* block;

const char* path;
int file = -1;
char* shared;

void share_file() {
    file = open(path, O_RDWR);
    shared = static_cast<char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
}
void write_to_file() {
    if (write(file, "by the copy", 11) == 11 || write(open(path, O_RDWR), "by the copy", 11) == 11) return;
    shared[0] = 'x';
}

} // namespace

extern "C" [[gnu::used]] void lying_look(order* asked) {
    constexpr std::uint64_t list = 0, references = 1;
    constexpr std::uint64_t many = std::uint64_t{1} << 20;
    if (lie == "ends") _exit(0);
    if (lie == "forgets") munmap(asked, 4096);
    if (lie == "writes") write_to_file();
    if (asked->wanted == list) {
        asked->out[0] = asked->out[1] = asked->out[2] = 0;
        asked->out[3] = reinterpret_cast<std::uintptr_t>(block);
        asked->used = asked->done = 4;
        if (lie == "asks") asked->done = asked->room + 1;
    } else if (asked->wanted == references) {
        asked->out[0] = asked->out[2] = asked->out[3] = 0;
        asked->out[1] = 1;
        asked->used = 4;
        asked->done = 1;
        if (lie == "wraps") {
            asked->out[2] = 0 - many;
            asked->out[3] = many;
        } else if (lie == "answers") {
            asked->used = asked->room;
            asked->done = ~std::uint64_t{0};
        } else if (lie == "room") {
            asked->count = asked->room = asked->used = asked->done = ~std::uint64_t{0};
            asked->in = asked->out = nullptr;
        }
    }
}
asm(".pushsection .note.krait,\"a\",%note\n"
    ".balign 4\n"
    ".long 6, 8, 5\n"
    ".asciz \"krait\"\n"
    ".balign 4\n"
    ".quad lying_look - .\n"
    ".popsection\n");

int main(int argc, char** argv) {
    lie = argv[1];
    if (argc > 2) {
        path = argv[2];
        share_file();
    }
    block = static_cast<std::uint64_t*>(std::malloc(200));
    std::puts("ready");
    std::fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    _exit(0);
}
