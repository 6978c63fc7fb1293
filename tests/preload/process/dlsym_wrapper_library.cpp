// Counts the calls and hands them to the next allocator in link order, which it looks up at the first call of each. Behind
// it in link order nobody sees syscall(SYS_getuid), whose answer is changed, as programs' tests do that pretend to be root.
#include <atomic>
#include <cstddef>
#include <dlfcn.h>
#include <sys/syscall.h>

namespace {

std::atomic<std::size_t> calls{0};

template <class Function>
class next_definition {
  public:
    constexpr explicit next_definition(const char* name) : name_(name) {}

    template <class... Arguments>
    auto operator()(Arguments... arguments) {
        ++calls;
        return uncounted(arguments...);
    }
    template <class... Arguments>
    auto uncounted(Arguments... arguments) {
        if (!found_) found_ = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
        return found_(arguments...);
    }

  private:
    const char* name_;
    Function* found_ = nullptr;
};

constinit next_definition<void*(std::size_t)> next_malloc{"malloc"};
constinit next_definition<void*(std::size_t, std::size_t)> next_calloc{"calloc"};
constinit next_definition<void*(void*, std::size_t)> next_realloc{"realloc"};
constinit next_definition<void(void*)> next_free{"free"};

constinit next_definition<long(long, long, long, long, long, long, long)> next_syscall{"syscall"};

// libc declares it with an ellipsis.
extern "C" [[gnu::visibility("default")]] long own_syscall(long number, long a, long b, long c, long d, long e,
                                                           long f) __asm__("syscall");
long own_syscall(long number, long a, long b, long c, long d, long e, long f) {
    return number == SYS_getuid ? 4711 : next_syscall.uncounted(number, a, b, c, d, e, f);
}

} // namespace

#define EXPORTED extern "C" [[gnu::visibility("default")]]

EXPORTED std::size_t wrapper_calls() { return calls; }
EXPORTED void* malloc(std::size_t size) { return next_malloc(size); }
EXPORTED void* calloc(std::size_t count, std::size_t size) { return next_calloc(count, size); }
EXPORTED void* realloc(void* p, std::size_t size) { return next_realloc(p, size); }
EXPORTED void free(void* p) { next_free(p); }
