#include "os/system_allocator.hpp"

#include <dlfcn.h>
#include <malloc.h>
#include <type_traits>

namespace krait::os {

constinit allocator_functions next_allocator{};

void* next_symbol(const char* name) noexcept { return dlsym(RTLD_NEXT, name); }

bool use_next_allocator() noexcept {
    allocator_functions found{};
    auto const find = [](auto*& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(next_symbol(name));
        return function != nullptr;
    };
    if (!find(found.malloc, "malloc") || !find(found.calloc, "calloc") || !find(found.realloc, "realloc") ||
        !find(found.memalign, "memalign") || !find(found.free, "free")) {
        return false;
    }
    next_allocator = found;
    return true;
}

#ifdef KRAIT_OVERRIDES_MALLOC
namespace {

/// A function that krait overrides, as the next library in link order has it. Looked up when it is first wanted.
template <class Function>
class next_function {
  public:
    constexpr explicit next_function(const char* name) noexcept : name_(name) {}

    Function* get() noexcept {
        Function* function = found_.load(std::memory_order_relaxed);
        if (function == nullptr) {
            function = reinterpret_cast<Function*>(next_symbol(name_));
            found_.store(function, std::memory_order_relaxed);
        }
        return function;
    }

  private:
    const char* name_;
    std::atomic<Function*> found_{nullptr};
};

constinit next_function<std::size_t(void*)> next_usable_size{"malloc_usable_size"};
constinit next_function<int(std::size_t)> next_trim{"malloc_trim"};

} // namespace

std::size_t system_usable_size(void* address) noexcept {
    auto* const function = next_usable_size.get();
    return function != nullptr ? function(address) : 0;
}

bool system_trim(std::size_t pad) noexcept {
    auto* const function = next_trim.get();
    return function != nullptr && function(pad) != 0;
}
#else
std::size_t system_usable_size(void* address) noexcept { return ::malloc_usable_size(address); }

bool system_trim(std::size_t pad) noexcept { return ::malloc_trim(pad) != 0; }
#endif

} // namespace krait::os
