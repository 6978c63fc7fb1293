// A program that brings its own malloc, exported to the libraries that it loads.
#include <cstddef>

namespace {
alignas(16) char heap[1 << 20];
std::size_t used;
} // namespace

extern "C" __attribute__((visibility("default"))) void* malloc(std::size_t size) {
    void* block = heap + used;
    used += (size + 15) & ~std::size_t{15};
    return block;
}
extern "C" __attribute__((visibility("default"))) void free(void*) {}

int main() { return 0; }
