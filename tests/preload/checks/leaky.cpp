// Two mistakes for memcheck to find: a byte written behind a block, and a block that nobody frees.
#include <cstdlib>
#include <cstring>

int main() {
    auto* const shorter = static_cast<volatile char*>(std::malloc(40));
    shorter[40] = 1;
    std::free(const_cast<char*>(shorter));
    void* lost = std::malloc(100);
    if (lost != nullptr) std::memset(lost, 0, 100);
    lost = nullptr;
    return lost == nullptr ? 0 : 1;
}
