// Counts the calls and hands them to the next allocator in link order, which it looks up at the first call of each.
#include <atomic>
#include <cstddef>
#include <dlfcn.h>

namespace {

std::atomic<std::size_t> calls{0};

template <class Function>
class next_definition {
  public:
    constexpr explicit next_definition(const char* name) : name_(name) {}

    template <class... Arguments>
    auto operator()(Arguments... arguments) {
        ++calls;
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

} // namespace

#define EXPORTED extern "C" [[gnu::visibility("default")]]

EXPORTED std::size_t wrapper_calls() { return calls; }
EXPORTED void* malloc(std::size_t size) { return next_malloc(size); }
EXPORTED void* calloc(std::size_t count, std::size_t size) { return next_calloc(count, size); }
EXPORTED void* realloc(void* p, std::size_t size) { return next_realloc(p, size); }
EXPORTED void free(void* p) { next_free(p); }
