// new without memory: the new handler is called until it gives up, by throwing, by removing itself or by making memory;
// then std::bad_alloc, or null from the nothrow forms.
#include "../../support/hazard.hpp"
#include <new>
#include <sys/resource.h>

namespace {

const std::size_t absurd = hazard::opaque(static_cast<std::size_t>(PTRDIFF_MAX) - 4096);
constexpr std::align_val_t alignment{256};
int handler_calls = 0;
void* reserve = nullptr;

struct own_exception : std::bad_alloc {};

void remove_on_third_call() {
    if (++handler_calls == 3) std::set_new_handler(nullptr);
}

void throw_own() {
    ++handler_calls;
    throw own_exception();
}

void release_reserve() {
    ++handler_calls;
    CHECK(reserve);
    std::free(reserve);
    reserve = nullptr;
}

template <class Exception, class Allocate>
void throws(Allocate allocate, int expected_calls) {
    handler_calls = 0;
    bool thrown = false;
    try {
        CHECK(!allocate());
    } catch (const Exception&) {
        thrown = true;
    }
    CHECK(thrown && handler_calls == expected_calls);
}

template <class Allocate>
void answers_null(Allocate allocate, int expected_calls) {
    handler_calls = 0;
    CHECK(!allocate() && handler_calls == expected_calls);
}

template <class Exception>
void every_form_fails(std::new_handler handler, int expected_calls) {
    auto failing = [&](auto check) {
        return [=](auto allocate) {
            std::set_new_handler(handler);
            check(allocate);
        };
    };
    auto throwing = failing([=](auto allocate) { throws<Exception>(allocate, expected_calls); });
    auto null = failing([=](auto allocate) { answers_null(allocate, expected_calls); });
    throwing([] { return ::operator new(absurd); });
    throwing([] { return ::operator new[](absurd); });
    throwing([] { return ::operator new(absurd, alignment); });
    throwing([] { return ::operator new[](absurd, alignment); });
    null([] { return ::operator new(absurd, std::nothrow); });
    null([] { return ::operator new[](absurd, std::nothrow); });
    null([] { return ::operator new(absurd, alignment, std::nothrow); });
    null([] { return ::operator new[](absurd, alignment, std::nothrow); });
}

// Under a real limit: the handler gives its reserve up and the same call then succeeds.
void handler_makes_memory() {
    constexpr std::size_t large = 64 << 20;
    reserve = std::malloc(hazard::opaque(large * 2));
    CHECK(reserve);
    const rlimit limit{hazard::memory().virtual_kib * 1024 + large / 2, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    std::set_new_handler(release_reserve);
    handler_calls = 0;
    void* p = ::operator new(large);
    CHECK(p && handler_calls == 1);
    ::operator delete(p);
    std::set_new_handler(nullptr);
}

} // namespace

int main() {
    every_form_fails<std::bad_alloc>(nullptr, 0);
    every_form_fails<std::bad_alloc>(remove_on_third_call, 3);
    every_form_fails<own_exception>(throw_own, 1);
    handler_makes_memory();
}
