#include "os/system_allocator.hpp"

#include "base/check.hpp"
#include "os/chunk.hpp"
#include "os/each_library.hpp"
#include "os/errno_kept.hpp"
#include "os/next_system_call.hpp"
#include "os/redirection.hpp"
#include "os/sanitizer.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <gnu/lib-names.h>
#include <gnu/libc-version.h>
#include <malloc.h>
#include <string_view>
#include <type_traits>
#include <unistd.h>

namespace krait::os {

namespace {

// An allocator, whole, and the library that it is in.
struct found_allocator {
    allocator_functions functions{};
    loaded_library library;

    // The family under those names, by whatever way `look_up` finds them. False if one is missing.
    template <class LookUp>
    bool find(LookUp look_up, const char* malloc, const char* calloc, const char* realloc, const char* memalign,
              const char* free) noexcept {
        const auto set = [&](auto*& function, const char* name) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(look_up(name));
            return function != nullptr;
        };
        return set(functions.malloc, malloc) && set(functions.calloc, calloc) && set(functions.realloc, realloc) &&
               set(functions.memalign, memalign) && set(functions.free, free);
    }
};

constinit found_allocator chosen;
constinit loaded_library libc;
constinit bool chosen_is_next = false;
constinit std::atomic<bool> is_replaced{false};

#ifdef KRAIT_OVERRIDES_MALLOC

bool is_libc(const loaded_library& library) noexcept { return std::string_view(library.own_name()) == LIBC_SO; }

// What stands behind krait in load order.
struct survey {
    bool wants_libc;
    bool is_behind = false; // krait itself was passed
    found_allocator system;
    loaded_library libc;
    void* system_call = nullptr;

    explicit survey(bool libc_alone) noexcept : wants_libc(libc_alone) {
        visit();
        if (!system.library) visit(); // from the first on: a library that dlopen brought comes behind libc
        if (!system.library) fatal("libc has no __libc_malloc", nullptr);
    }

    void visit() noexcept {
        each_library([this](const dl_phdr_info& info) noexcept { return look_at(info); });
    }

    // Whether this was the last one to look at.
    bool look_at(const dl_phdr_info& info) noexcept {
        if (!is_behind) {
            is_behind = is_in(info, reinterpret_cast<const void*>(&choose_system_allocator));
            return false;
        }
        const loaded_library library(info);
        const bool is_end = is_libc(library);
        if (is_end) libc = library;
        if (system_call == nullptr) system_call = library.address_of("syscall");
        if (!system.library && (is_end || !wants_libc)) {
            const auto look_up = [&](const char* name) { return own_definition(library, name); };
            if (system.find(look_up, "__libc_malloc", "__libc_calloc", "__libc_realloc", "__libc_memalign",
                            "__libc_free"))
                system.library = library;
        }
        return is_end;
    }
};

// Before the choice.
void* first_malloc(std::size_t size) { return survey(false).system.functions.malloc(size); }
void* first_calloc(std::size_t count, std::size_t size) { return survey(false).system.functions.calloc(count, size); }
void* first_realloc(void* address, std::size_t size) { return survey(false).system.functions.realloc(address, size); }
void* first_memalign(std::size_t alignment, std::size_t size) {
    return survey(false).system.functions.memalign(alignment, size);
}
void first_free(void* address) { survey(false).system.functions.free(address); }

constexpr allocator_functions first_functions{first_malloc, first_calloc, first_realloc, first_memalign, first_free};

void choose_behind(system_choice choice) noexcept {
    const survey found(choice == system_choice::libc);
    chosen = found.system;
    libc = found.libc;
    if (auto* const next = reinterpret_cast<system_call_function*>(found.system_call))
        next_system_call.store(next, std::memory_order_relaxed);
}

#else

constexpr allocator_functions first_functions{::malloc, ::calloc, ::realloc, ::memalign, ::free};

void choose_behind(system_choice) noexcept {
    chosen = {first_functions, library_of(first_definition("malloc"))};
    libc = library_of(reinterpret_cast<const void*>(&gnu_get_libc_version));
}

#endif

bool find_next() noexcept {
    found_allocator next;
    if (!next.find(next_symbol, "malloc", "calloc", "realloc", "memalign", "free")) return false;
    // The thread sanitizer has a dl_iterate_phdr of its own, which is not ready before its malloc is.
    if (sanitizer_name() == nullptr) next.library = library_of(reinterpret_cast<const void*>(next.functions.malloc));
    chosen = next;
    return true;
}

} // namespace

constinit std::atomic<const allocator_functions*> system_functions{&first_functions};

void* next_symbol(const char* name) noexcept { return dlsym(RTLD_NEXT, name); }

bool choose_system_allocator(system_choice choice) noexcept {
    if (choice != system_choice::next || sanitizer_name() == nullptr) choose_behind(choice);
    chosen_is_next = choice == system_choice::next && find_next();
    system_functions.store(&chosen.functions, std::memory_order_release);
    return chosen_is_next || choice != system_choice::next;
}

const allocator_functions* next_functions() noexcept { return chosen_is_next ? &chosen.functions : nullptr; }

void stand_in_for_system(const allocator_functions& functions) noexcept {
    is_replaced.store(true, std::memory_order_relaxed);
    system_functions.store(&functions, std::memory_order_release);
}

bool has_stand_in() noexcept { return is_replaced.load(std::memory_order_relaxed); }

const allocator_functions& functions_behind() noexcept { return has_stand_in() ? chosen.functions : system_calls(); }

bool system_is_libc() noexcept { return !has_stand_in() && chosen.library == libc; }

malloc_libraries libraries_with_malloc() noexcept { return {libc, chosen.library}; }

// A library that has the names of the family and no malloc_usable_size is a wrapper: its blocks are libc's.
void* system_symbol(const char* name) noexcept {
    if (void* const own = own_definition(chosen.library, name)) return own;
    const bool is_wrapper = chosen.library.find("malloc_usable_size") == nullptr;
    return is_wrapper ? own_definition(libc, name) : nullptr;
}

namespace {

// "libkept.so.4" in any folder is "kept".
std::string_view name_of_file(std::string_view file) noexcept {
    file.remove_prefix(file.rfind('/') + 1);
    if (file.starts_with("lib")) file.remove_prefix(3);
    file = file.substr(0, file.find(".so"));
    return file.empty() ? "the program" : file;
}

// Made once. Two threads that make it at once write the same.
struct written_name {
    std::array<std::atomic<char>, 64> characters{};

    const char* set(std::string_view name) noexcept {
        for (std::size_t i = 0; i < name.size() && i + 1 < characters.size(); ++i)
            characters[i].store(name[i], std::memory_order_relaxed);
        return reinterpret_cast<const char*>(characters.data());
    }
};
static_assert(sizeof(std::atomic<char>) == 1);

constinit written_name file_name;

} // namespace

const char* system_name() noexcept {
    if (has_stand_in()) return file_name.set("krait");
    if (system_is_libc()) return file_name.set("libc");
    if (const auto* const known = recognise(chosen.library)) return file_name.set(known->name);
    return file_name.set(name_of_file(chosen.library.file()));
}

// Not by mallopt(3), which would end glibc's rule: freeing a block that had a mapping of its own sets the size for such
// mappings to its size, and what is kept to twice that. A block for which the heap has room gets no mapping: it is held
// while the next one is asked for.
bool let_system_keep(std::size_t bytes) noexcept {
    if (!system_is_libc()) return false;
    const errno_kept keep;
    std::array<void*, 16> blocks{};
    bool is_told = false;
    for (std::size_t i = 0; i < blocks.size() && !is_told; ++i) {
        blocks[i] = system_malloc(bytes / 2);
        if (blocks[i] == nullptr) break;
        is_told = chunk::has_own_mapping(blocks[i]);
    }
    for (void* const each : blocks) system_free(each);
    return is_told;
}

std::uintptr_t system_heap_end() noexcept { return reinterpret_cast<std::uintptr_t>(sbrk(0)); }

system_memory count_system_memory() noexcept {
    const auto* known = recognise(chosen.library);
    const bool is_wrapper = known == nullptr && chosen.library.find("malloc_usable_size") == nullptr;
    if (is_wrapper) known = recognise(libc);
    if (known == nullptr || known->count == nullptr) return {};
    return known->count(is_wrapper ? libc : chosen.library);
}

namespace {

// A function that krait overrides, as the system allocator has it. Looked up when it is first wanted.
template <class Function>
class system_function {
  public:
    constexpr system_function(const char* name, Function* known) noexcept : name_(name), found_(known) {}

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
    std::atomic<Function*> found_;
};

#ifdef KRAIT_OVERRIDES_MALLOC
#define KRAIT_SYSTEM_FUNCTION(name)                                                                                    \
    { #name, nullptr }
#else
#define KRAIT_SYSTEM_FUNCTION(name)                                                                                    \
    { #name, ::name }
#endif
constinit system_function<std::size_t(void*)> system_usable_size_function KRAIT_SYSTEM_FUNCTION(malloc_usable_size);
constinit system_function<int(std::size_t)> system_trim_function KRAIT_SYSTEM_FUNCTION(malloc_trim);
constinit system_function<int(int, int)> system_option_function KRAIT_SYSTEM_FUNCTION(mallopt);
#undef KRAIT_SYSTEM_FUNCTION

} // namespace

void limit_system_arenas(int count) noexcept {
    auto* const set = count > 0 && !chosen_is_next && system_is_libc() ? system_option_function.get() : nullptr;
    if (set != nullptr) set(M_ARENA_MAX, count);
}

std::size_t system_usable_size(void* address) noexcept {
    auto* const function = system_usable_size_function.get();
    return function != nullptr ? function(address) : 0;
}

bool usable_size_open() noexcept { return system_usable_size_function.get() != nullptr; }

bool system_trim(std::size_t pad) noexcept {
    auto* const function = system_trim_function.get();
    return function != nullptr && function(pad) != 0;
}

} // namespace krait::os
