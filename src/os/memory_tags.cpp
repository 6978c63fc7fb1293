#include "os/memory_tags.hpp"

#if defined(__aarch64__)

#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"

#include <sys/auxv.h>

namespace krait::os::tags {

void open() noexcept {
    // The kernel's, which not all headers have: HWCAP2_MTE, PR_SET_TAGGED_ADDR_CTRL and its bits, PROT_MTE.
    constexpr unsigned long has_tags = 1ul << 18;
    constexpr long set_control = 55, takes_names = 1, faults_at_once = 2, all_but_0 = 0xfffe << 3;
    constexpr int tagged = 0x20;
    const errno_kept keep;
    if ((getauxval(AT_HWCAP2) & has_tags) == 0 || has_filter()) return;
    if (system_call(SYS_prctl, set_control, takes_names | faults_at_once | all_but_0, 0L, 0L, 0L) == 0) access = tagged;
}

} // namespace krait::os::tags

#endif
