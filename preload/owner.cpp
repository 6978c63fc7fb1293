#include "owner.hpp"

#include "os/loaded_library.hpp"

#include <atomic>
#include <cstdint>

namespace krait {

namespace {

enum class answer : std::uint8_t { unknown, no, yes };

// Two threads that ask at once find the same.
class ownership {
  public:
    template <class Function>
    bool of(const char* name, Function* own) noexcept {
        answer known = found_.load(std::memory_order_relaxed);
        if (known == answer::unknown) {
            const bool is_own = own != nullptr && os::first_definition(name) == reinterpret_cast<void*>(own);
            known = is_own ? answer::yes : answer::no;
            found_.store(known, std::memory_order_relaxed);
        }
        return known == answer::yes;
    }

  private:
    std::atomic<answer> found_{answer::unknown};
};

constinit ownership of_malloc, of_free, of_aligned_alloc;

} // namespace

bool owns_malloc() noexcept { return of_malloc.of("malloc", &krait_own_malloc); }
bool owns_free() noexcept { return of_free.of("free", &krait_own_free); }
bool owns_aligned_alloc() noexcept { return of_aligned_alloc.of("aligned_alloc", &krait_own_aligned_alloc); }

} // namespace krait
