// One mistake with a block, by its name: faults CASE [BYTES [COUNT]]. Prints the address that it is about before. Which report
// has to come is in test_faults.py.
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <initializer_list>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <new>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern "C" void free_sized(void*, std::size_t);

namespace {

std::size_t bytes = 48;
std::ptrdiff_t count = 1;

// The compiler is not to know what becomes of it.
template <class T>
T* seen(T* pointer) {
    T* volatile hidden = pointer;
    return hidden;
}

char* told(void* block) {
    std::printf("%p\n", block);
    std::fflush(stdout);
    return static_cast<char*>(seen(block));
}
char* fresh() { return told(std::malloc(bytes)); }
char* aligned(std::size_t alignment) { return told(aligned_alloc(alignment, bytes)); }

void write_behind(char* p) { std::memset(seen(p + bytes), 'A', static_cast<std::size_t>(count)); }
void write_before(char* p) { std::memset(seen(p - count), 'A', static_cast<std::size_t>(count)); }

void check() {
    using function = std::size_t(int);
    auto* const of_krait = reinterpret_cast<function*>(dlsym(RTLD_DEFAULT, "krait_check"));
    if (of_krait != nullptr) std::printf("%zu\n", of_krait(2));
    std::fflush(stdout);
}

void free_others() {
    for (int i = 0; i < 1000; ++i) std::free(seen(std::malloc(bytes)));
}

void churn() {
    std::vector<std::vector<char>> all;
    for (std::size_t n = 0; n < 700; ++n) {
        all.emplace_back(n % 700);
        if (n % 3 == 0) all.erase(all.begin());
    }
}

void churn_in_threads() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(churn);
    for (std::thread& each : threads) each.join();
}

// From now on the process ends by SIGSYS at calls that no malloc has a use for.
void filter_calls() {
    constexpr std::array forbidden{SYS_readlinkat,       SYS_readlink, SYS_openat,
                                   SYS_process_vm_readv, SYS_sendto,   SYS_sched_getaffinity};
    std::vector<sock_filter> rules{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const long call : forbidden) {
        rules.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
        rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    }
    rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::_Exit(77);
}

struct test_case {
    const char* name;
    void (*run)();
};

int global_variable;

const std::array cases{
    test_case{"behind",
              [] {
                  char* p = fresh();
                  write_behind(p);
                  std::free(p);
              }},
    test_case{"behind_nul",
              [] {
                  char* p = fresh();
                  *seen(p + bytes) = '\0';
                  std::free(p);
              }},
    test_case{"before",
              [] {
                  std::malloc(bytes + 64);
                  char* p = fresh();
                  write_before(p);
                  std::free(p);
              }},
    test_case{"behind_calloc",
              [] {
                  char* p = told(std::calloc(1, bytes));
                  write_behind(p);
                  std::free(p);
              }},
    test_case{"behind_realloc",
              [] {
                  char* p = told(std::realloc(std::malloc(1), bytes));
                  write_behind(p);
                  std::free(p);
              }},
    test_case{"behind_new",
              [] {
                  char* p = told(::operator new(bytes));
                  write_behind(p);
                  ::operator delete(p);
              }},
    test_case{"behind_new_array",
              [] {
                  char* p = told(new char[bytes]);
                  write_behind(p);
                  delete[] p;
              }},
    test_case{"behind_aligned",
              [] {
                  char* p = aligned(static_cast<std::size_t>(count));
                  count = 1;
                  write_behind(p);
                  std::free(p);
              }},
    test_case{"before_aligned",
              [] {
                  char* p = aligned(static_cast<std::size_t>(count));
                  count = 1;
                  write_before(p);
                  std::free(p);
              }},
    test_case{"behind_then_realloc",
              [] {
                  char* p = fresh();
                  write_behind(p);
                  std::free(std::realloc(p, 2 * bytes));
              }},
    test_case{"behind_then_size",
              [] {
                  char* p = fresh();
                  write_behind(p);
                  malloc_usable_size(p);
              }},
    test_case{"behind_then_check",
              [] {
                  char* p = fresh();
                  write_behind(p);
                  check();
                  std::_Exit(0);
              }},
    test_case{"behind_then_exit",
              [] {
                  char* p = fresh();
                  write_behind(p);
              }},
    test_case{"behind_then_any_request",
              [] {
                  char* p = fresh();
                  write_behind(p);
                  std::free(std::malloc(1));
                  std::_Exit(0);
              }},
    test_case{"after_free",
              [] {
                  char* p = fresh();
                  std::free(p);
                  *seen(p + count) = 'A';
              }},
    test_case{"after_free_check",
              [] {
                  char* p = fresh();
                  std::free(p);
                  *seen(p + count) = 'A';
                  check();
                  std::_Exit(0);
              }},
    test_case{"after_free_others",
              [] {
                  char* p = fresh();
                  std::free(p);
                  *seen(p + count) = 'A';
                  free_others();
                  std::_Exit(0);
              }},
    test_case{"after_realloc",
              [] {
                  char* p = fresh();
                  std::free(std::realloc(p, bytes + 1));
                  *seen(p + count) = 'A';
              }},
    test_case{"after_free_behind",
              [] {
                  char* p = fresh();
                  std::free(p);
                  *seen(p + bytes) = 'A';
              }},
    test_case{"after_free_before",
              [] {
                  char* p = fresh();
                  std::free(p);
                  *seen(p - 1) = 'A';
              }},
    test_case{"twice",
              [] {
                  char* p = fresh();
                  std::free(p);
                  std::free(seen(p));
              }},
    test_case{"twice_without_head",
              [] {
                  char* p = fresh();
                  std::free(p);
                  std::memset(seen(p - 32), 'A', 32);
                  std::free(seen(p));
              }},
    test_case{"another_head",
              [] {
                  char* p = fresh();
                  std::memset(seen(p - 32), 'A', 32);
                  // As layout.hpp has it, for a block of 1 TiB.
                  const std::uint64_t sealed = (std::uint64_t{1} << 40 | std::uint64_t{5} << 56) ^
                                               (reinterpret_cast<std::uintptr_t>(p) * 0x9e3779b97f4a7c15);
                  std::memcpy(seen(p - 24), &sealed, sizeof sealed);
                  std::free(seen(p));
              }},
    test_case{"twice_later",
              [] {
                  char* p = fresh();
                  std::free(p);
                  free_others();
                  std::free(seen(p));
              }},
    test_case{"twice_threads",
              [] {
                  char* p = fresh();
                  std::thread([p] { std::free(p); }).join();
                  std::free(seen(p));
              }},
    test_case{"twice_at_once",
              [] {
                  char* p = fresh();
                  std::thread one([p] { std::free(p); }), other([p] { std::free(seen(p)); });
                  one.join();
                  other.join();
              }},
    test_case{"twice_delete",
              [] {
                  char* p = told(::operator new(bytes));
                  ::operator delete(p);
                  ::operator delete(seen(p));
              }},
    test_case{"twice_aligned",
              [] {
                  char* p = aligned(4096);
                  std::free(p);
                  std::free(seen(p));
              }},
    test_case{"interior",
              [] {
                  char* p = fresh();
                  std::free(seen(p + count));
              }},
    test_case{"interior_freed",
              [] {
                  char* p = fresh();
                  std::free(p);
                  std::free(seen(p + count));
              }},
    test_case{"in_front",
              [] {
                  char* p = fresh();
                  std::free(seen(p - count));
              }},
    test_case{"no_block",
              [] {
                  std::free(fresh());
                  auto* p = reinterpret_cast<char*>(
                      (reinterpret_cast<std::uintptr_t>(fresh()) & ~std::uintptr_t{4095}) + 4032);
                  std::free(told(seen(p)));
              }},
    test_case{"stack",
              [] {
                  alignas(16) char local[64];
                  std::free(told(local));
              }},
    test_case{"global", [] { std::free(told(&global_variable)); }},
    test_case{"malloc_delete", [] { ::operator delete(fresh()); }},
    test_case{"malloc_delete_array", [] { ::operator delete[](fresh()); }},
    test_case{"new_free", [] { std::free(told(::operator new(bytes))); }},
    test_case{"new_delete_array", [] { ::operator delete[](told(::operator new(bytes))); }},
    test_case{"new_realloc", [] { std::free(std::realloc(told(::operator new(bytes)), 2)); }},
    test_case{"new_array_free", [] { std::free(told(new char[bytes])); }},
    test_case{"new_array_delete", [] { ::operator delete(told(new char[bytes])); }},
    test_case{"new_array_nothrow_delete", [] { ::operator delete(told(new (std::nothrow) char[bytes])); }},
    test_case{"aligned_new_delete", [] { ::operator delete(told(::operator new (bytes, std::align_val_t{64}))); }},
    test_case{"new_aligned_delete", [] { ::operator delete (told(::operator new(bytes)), std::align_val_t{64}); }},
    test_case{"new_sized_delete", [] { ::operator delete(told(::operator new(bytes)), bytes + 1); }},
    test_case{"malloc_sized_free",
              [] {
                  auto* const sized = reinterpret_cast<void (*)(void*, std::size_t)>(dlsym(RTLD_DEFAULT, "free_sized"));
                  sized(fresh(), bytes - 1);
              }},
    test_case{"realloc_freed",
              [] {
                  char* p = fresh();
                  std::free(p);
                  std::free(std::realloc(seen(p), 1));
              }},
    test_case{"size_freed",
              [] {
                  char* p = fresh();
                  std::free(p);
                  malloc_usable_size(seen(p));
              }},
    test_case{"in_child",
              [] {
                  churn_in_threads();
                  if (const pid_t child = fork(); child != 0) {
                      int status = 0;
                      waitpid(child, &status, 0);
                      std::_Exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? 0 : 1);
                  }
                  churn_in_threads();
                  char* p = fresh();
                  write_behind(p);
                  std::free(p);
              }},
    test_case{"behind_a_filter",
              [] {
                  filter_calls();
                  std::thread(churn).join();
                  char* p = fresh();
                  write_behind(p);
                  std::free(p);
              }},
    test_case{"stop",
              [] {
                  for (int i = 0; i < 100; ++i) std::free(seen(std::malloc(1)));
                  std::_Exit(0);
              }},
    test_case{
        "right",
        [] {
            // All that is allowed, to the last byte.
            for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 15, 16, 17, 500, 513, 20000, 200000}) {
                char* p = static_cast<char*>(std::malloc(n));
                if (malloc_usable_size(p) != n) std::abort();
                std::memset(p, 1, n);
                p = static_cast<char*>(std::realloc(p, 2 * n + 1));
                for (std::size_t i = 0; i < n; ++i)
                    if (p[i] != 1) std::abort();
                std::memset(p, 2, 2 * n + 1);
                std::free(p);
                char* const zeros = static_cast<char*>(std::calloc(n, 1));
                for (std::size_t i = 0; i < n; ++i)
                    if (zeros[i] != 0) std::abort();
                std::memset(zeros, 3, n);
                std::free(zeros);
                delete[] static_cast<char*>(std::memset(new char[n], 4, n));
                ::operator delete(::operator new(n), n);
                ::operator delete(::operator new(n, std::nothrow), std::nothrow);
                ::operator delete[](::operator new[](n, std::nothrow), n);
                ::operator delete (::operator new (n, std::align_val_t{64}), n, std::align_val_t{64});
                ::operator delete[](::operator new[](n, std::align_val_t{64}, std::nothrow), std::align_val_t{64},
                                    std::nothrow);
                ::operator delete[](::operator new[](n, std::align_val_t{256}), n, std::align_val_t{256});
            }
            for (std::size_t alignment = 8; alignment <= 65536; alignment *= 2) {
                void* p = nullptr;
                if (posix_memalign(&p, alignment, bytes) != 0 || reinterpret_cast<std::uintptr_t>(p) % alignment != 0)
                    std::abort();
                std::memset(p, 5, bytes);
                std::free(p);
            }
            std::free(strdup("text"));
            char* text = nullptr;
            if (asprintf(&text, "%d", 12345) != 5) std::abort();
            std::free(text);
            std::free(seen(static_cast<void*>(nullptr)));
            std::free(std::realloc(nullptr, 10));
            if (std::realloc(std::malloc(10), 0) != nullptr) std::abort();
            // Another's block: libc's own malloc.
            using function = void*(std::size_t);
            if (void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD))
                std::free(reinterpret_cast<function*>(dlsym(libc, "malloc"))(100));
            churn_in_threads();
            check();
        }},
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::string_view name = argv[1];
    if (argc > 2) bytes = std::strtoull(argv[2], nullptr, 0);
    if (argc > 3) count = std::atoi(argv[3]);
    for (const test_case& each : cases) {
        if (name != each.name) continue;
        each.run();
        return 0;
    }
    return 2;
}
