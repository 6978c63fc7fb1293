// atexit and on_exit handlers, static destructors and the last destructor functions allocate and free, after and before
// whatever the allocator does at exit.
#include "../../support/hazard.hpp"
#include <string>
#include <vector>

namespace {

constexpr std::size_t rounds = 2000;
void* from_main[rounds];

void work(std::size_t seed) {
    hazard::churn<> blocks(seed);
    blocks.steps(rounds);
}

[[gnu::destructor(101)]] void last_of_all() {
    for (std::size_t i = 0; i < rounds; ++i) {
        CHECK(hazard::filled(from_main[i], i % 700, i));
        std::free(from_main[i]);
    }
    work(1);
}

struct keeper {
    std::vector<std::string> strings;
    ~keeper() {
        for (auto& string : strings) CHECK(string.size() == 40);
        strings.clear();
        work(2);
    }
} kept;

void at_exit() {
    work(3);
    std::atexit([] { work(4); }); // registered while the handlers run
}

} // namespace

int main() {
    for (std::size_t i = 0; i < rounds; ++i) {
        from_main[i] = std::malloc(i % 700);
        hazard::fill(from_main[i], i % 700, i);
        kept.strings.emplace_back(40, 'x');
    }
    CHECK(std::atexit(at_exit) == 0);
    CHECK(on_exit([](int status, void*) { status == 0 ? work(5) : _exit(2); }, nullptr) == 0);
    static keeper local; // destroyed first: made last
    local.strings.assign(rounds, std::string(40, 'y'));
}
