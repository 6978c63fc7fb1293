#include "os/system_allocator.hpp"

#include "os/errno_kept.hpp"
#include "os/loaded_library.hpp"

#include <dlfcn.h>
#include <malloc.h>
#include <type_traits>

namespace krait::os {

constinit std::atomic<const allocator_functions*> next_allocator{nullptr};

void* next_symbol(const char* name) noexcept { return dlsym(RTLD_NEXT, name); }

#ifdef KRAIT_OVERRIDES_MALLOC
// From the library that __libc_malloc is in, not the next in link order: a program may be linked with another malloc behind
// krait (Debian's redis-server with jemalloc), which must never see a block of glibc's. And not always from glibc: mimalloc
// defines __libc_malloc as well, and whoever does so behind krait owns the system's blocks.
void* system_symbol(const char* name) noexcept {
    if (next_functions() != nullptr) return next_symbol(name);
    void* const next = next_symbol(name);
    const char* const owner = library_of(reinterpret_cast<void*>(&__libc_malloc));
    bool const is_in_library = owner != nullptr && *owner != '\0';
    if (!is_in_library || (next != nullptr && library_of(next) == owner)) return next;
    void* const library = dlopen(owner, RTLD_LAZY | RTLD_NOLOAD); // may find no memory, unlike the way above
    return library != nullptr ? dlsym(library, name) : nullptr;
}
#else
void* system_symbol(const char* name) noexcept { return next_symbol(name); }
#endif

bool use_next_allocator() noexcept {
    constinit static allocator_functions found{};
    auto const find = [](auto*& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(next_symbol(name));
        return function != nullptr;
    };
    if (!find(found.malloc, "malloc") || !find(found.calloc, "calloc") || !find(found.realloc, "realloc") ||
        !find(found.memalign, "memalign") || !find(found.free, "free")) {
        return false;
    }
    next_allocator.store(&found, std::memory_order_release);
    return true;
}

// Not by mallopt(3), which would end glibc's rule: freeing a block that had a mapping of its own sets the size for such
// mappings to its size, and what is kept to twice that.
void let_system_keep(std::size_t bytes) noexcept {
    errno_kept const keep;
    void* volatile block = system_malloc(bytes / 2); // volatile: the compiler knows the pair, and would leave it out
    system_free(block);
}

namespace {

/// A function that krait overrides, as the system allocator has it. Looked up when it is first wanted.
template <class Function>
class system_function {
  public:
    constexpr explicit system_function(const char* name) noexcept : name_(name) {}

    Function* get() noexcept {
        Function* function = found_.load(std::memory_order_relaxed);
        if (function == nullptr) {
            function = reinterpret_cast<Function*>(system_symbol(name_));
            found_.store(function, std::memory_order_relaxed);
        }
        return function;
    }

  private:
    const char* name_;
    std::atomic<Function*> found_{nullptr};
};

constinit system_function<struct mallinfo2()> system_report_function{"mallinfo2"};

} // namespace

system_memory count_system_memory() noexcept {
    auto* const report = system_report_function.get();
    if (report == nullptr) return {};
    struct mallinfo2 const info = report();
    return {info.uordblks + info.hblkhd, info.fordblks};
}

#ifdef KRAIT_OVERRIDES_MALLOC
void limit_system_arenas(int count) noexcept { __libc_mallopt(M_ARENA_MAX, count); }

namespace {

constinit system_function<std::size_t(void*)> system_usable_size_function{"malloc_usable_size"};
constinit system_function<int(std::size_t)> system_trim_function{"malloc_trim"};

} // namespace

std::size_t system_usable_size(void* address) noexcept {
    auto* const function = system_usable_size_function.get();
    return function != nullptr ? function(address) : 0;
}

bool usable_size_open() noexcept { return system_usable_size_function.get() != nullptr; }

bool system_trim(std::size_t pad) noexcept {
    auto* const function = system_trim_function.get();
    return function != nullptr && function(pad) != 0;
}
#else
void limit_system_arenas(int count) noexcept { ::mallopt(M_ARENA_MAX, count); }

std::size_t system_usable_size(void* address) noexcept { return ::malloc_usable_size(address); }

bool usable_size_open() noexcept { return true; }

bool system_trim(std::size_t pad) noexcept { return ::malloc_trim(pad) != 0; }
#endif

} // namespace krait::os
