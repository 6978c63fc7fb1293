// Limits that the program sets for itself, seen on their way to the kernel: what krait has mapped and nobody uses must
// not be what keeps the program from its limit, and a call that a filter does not know would end it
// (docs/limits.md).
#include "os/limits.hpp"
#include "core/process.hpp"
#include "export.hpp"
#ifdef KRAIT_HARDENED
#include "hard/hard.hpp"
#endif

namespace os = krait::os;

namespace {

int set_limit(pid_t process, int resource, const void* limit, void* before) noexcept {
    const int result = os::set_limit(process, resource, limit, before);
    if (result == 0 && limit != nullptr && os::limits_mappings(resource) && os::is_this_process(process)) {
        [[maybe_unused]] const bool is_ours = krait::process::limits_changed();
#ifdef KRAIT_HARDENED
        if (is_ours) krait::hard::limits_changed();
#endif
    }
    return result;
}

} // namespace

extern "C" {

KRAIT_EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit* limit) noexcept {
    return set_limit(0, resource, limit, nullptr);
}
KRAIT_EXPORT int setrlimit64(__rlimit_resource_t resource, const struct rlimit64* limit) noexcept {
    return set_limit(0, resource, limit, nullptr);
}
KRAIT_EXPORT int prlimit(pid_t process, __rlimit_resource resource, const struct rlimit* limit,
                         struct rlimit* before) noexcept {
    return set_limit(process, resource, limit, before);
}
KRAIT_EXPORT int prlimit64(pid_t process, __rlimit_resource resource, const struct rlimit64* limit,
                           struct rlimit64* before) noexcept {
    return set_limit(process, resource, limit, before);
}

KRAIT_EXPORT int prctl(int option, ...) noexcept {
    os::control_arguments with;
    __builtin_va_list list;
    __builtin_va_start(list, option);
    for (unsigned long& each : with) each = __builtin_va_arg(list, unsigned long);
    __builtin_va_end(list);
    if (os::sets_filter(option)) krait::process::filter_comes();
    return os::control_process(option, with);
}
}
