// Stands still in stopped(), with one block in each state that a block can be in, and with objects.
#include <krait/object.hpp>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

struct animal {
    std::string name;
    explicit animal(const char* called) : name(called) {}
    virtual ~animal() = default;
    KRAIT_FIELDS();
};

struct snake : animal {
    krait::ref<animal> prey;
    snake(const char* called, krait::ref<animal> eaten) : animal(called), prey(std::move(eaten)) {}
    KRAIT_FIELDS(prey);
};

static int squared(int number) { return number * number; }

void* used_block;
void* listed_block; // freed, and back in its pool
void* cached_block; // freed last
void* large_block;
char local_data[16];
krait::ref<animal> reference, nothing;
krait::weak<animal> observer, expired_observer;
krait::weak_set<animal> observed;
krait::lru_cache<int(int)> squares(&squared, 8);

extern "C" [[gnu::noinline]] void stopped() { asm volatile(""); }

int main() {
    std::vector<void*> blocks(5000);
    for (void*& block : blocks) block = std::malloc(200);
    listed_block = blocks[0];
    used_block = blocks[1];
    for (std::size_t i = 0; i < blocks.size(); i += 2) std::free(blocks[i]);
    cached_block = std::malloc(300);
    std::free(cached_block);
    std::free(std::malloc(3000));
    large_block = std::malloc(100000);

    reference = krait::make<snake>("adder", krait::make<animal>("mouse"));
    observer = reference;
    expired_observer = krait::make<animal>("mayfly");
    observed.insert(reference);
    squares(3);
    squares(3);
    std::thread(stopped).join();
    stopped();
}
