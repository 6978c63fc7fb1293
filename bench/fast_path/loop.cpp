// krait_fast_path_loop COUNT SIZE [empty]: COUNT times malloc(SIZE) and free, or the same loop without the two calls.
//
// The two loops differ in the calls only: `block` comes from a variable that the compiler cannot see through.
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const long count = std::atol(argv[1]);
    const std::size_t size = std::strtoul(argv[2], nullptr, 10);
    const bool empty = argc > 3 && std::strcmp(argv[3], "empty") == 0;
    if (empty) {
        for (long i = 0; i < count; ++i) {
            void* block = argv;
            asm volatile("" : "+r"(block) : : "memory");
        }
        return 0;
    }
    for (long i = 0; i < count; ++i) {
        void* block = std::malloc(size);
        asm volatile("" : "+r"(block) : : "memory");
        std::free(block);
    }
    return 0;
}
