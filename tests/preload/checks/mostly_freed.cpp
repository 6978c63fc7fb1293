// 64 MiB of small blocks, all but one in a thousand freed; then a crash.
#include <cstdlib>
#include <cstring>
#include <vector>

int main() {
    constexpr std::size_t size = 96;
    std::vector<void*> blocks((std::size_t{64} << 20) / size);
    for (void*& block : blocks) block = std::memset(std::malloc(size), 1, size);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i % 1000 != 0) std::free(blocks[i]);
    }
    std::abort();
}
