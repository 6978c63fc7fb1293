// The C++ operators while calls fail: a new-handler is asked as long as it gives memory back, std::bad_alloc is thrown once it
// gives up or where there is none, and nothrow forms return a null pointer.
#include "faulty.hpp"
#include <new>

namespace {

constexpr std::size_t slots = 300;
std::size_t handler_calls = 0;
bool gives_up() { return handler_calls % 3 == 0; }

struct operators_blocks {
    char* of[slots] = {};
    bool may_fail;
    hazard::random random{99};

    void drop(std::size_t i) {
        if (of[i] != nullptr) CHECK(of[i][0] == static_cast<char>(i));
        delete[] of[i];
        of[i] = nullptr;
    }

    void take(std::size_t i, std::size_t size) {
        drop(i);
        const std::size_t calls_before = handler_calls;
        try {
            of[i] = i % 3 == 0 ? new (std::nothrow) char[size] : new char[size];
        } catch (const std::bad_alloc&) {
            CHECK(may_fail);
        }
        if (of[i] != nullptr) {
            of[i][0] = of[i][size - 1] = static_cast<char>(i);
            return;
        }
        CHECK(may_fail);
        if (std::get_new_handler() != nullptr) CHECK(handler_calls > calls_before && gives_up());
    }

    void steps(std::size_t count) {
        while (count-- != 0) {
            const std::size_t i = random.below(slots);
            take(i, 1 + random.below(random.below(4) != 0 ? 512 : 20'000));
        }
    }
};

operators_blocks* to_give_back;

void give_back_twice() {
    ++handler_calls;
    if (gives_up()) throw std::bad_alloc();
    for (int i = 0; i < 10; ++i) to_give_back->drop(to_give_back->random.below(slots));
}

void work(bool may_fail) {
    operators_blocks blocks{.may_fail = may_fail};
    to_give_back = &blocks;
    blocks.steps(3'000);
    auto* const before = std::set_new_handler(give_back_twice);
    blocks.steps(3'000);
    std::set_new_handler(before);
    for (std::size_t i = 0; i < slots; ++i) blocks.drop(i);
}

} // namespace

int main() { hazard::live_with_faults(work); }
