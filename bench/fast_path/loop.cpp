// krait_fast_path_loop COUNT [empty]: COUNT times malloc(64) and free, or the same loop without the two calls.
//
// The two loops differ in the calls only: `block` comes from a variable that the compiler cannot see through.
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const long count = std::atol(argv[1]);
    const bool empty = argc > 2 && std::strcmp(argv[2], "empty") == 0;
    if (empty) {
        for (long i = 0; i < count; ++i) {
            void* block = argv;
            asm volatile("" : "+r"(block) : : "memory");
        }
        return 0;
    }
    for (long i = 0; i < count; ++i) {
        void* block = std::malloc(64);
        asm volatile("" : "+r"(block) : : "memory");
        std::free(block);
    }
    return 0;
}
