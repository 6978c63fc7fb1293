// A thread that allocates and frees blocks of every size while calls fail.
#include "ledger.hpp"

int main() {
    hazard::live_with_faults([](bool may_fail) {
        hazard::ledger<1500> blocks(1, 100'000, may_fail);
        blocks.steps(6'000);
    });
}
