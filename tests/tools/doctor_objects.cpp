// A program of the object layer, for krait doctor: who refers to whom there is exact. Cases as in doctor_subject.cpp; each
// prints a line and waits until its input ends.
//
//   exact     an object with a number in it that looks like a pointer to another one; a cycle that the collector has
//             still to free; an object whose only reference is in memory that nothing leads to; one that a variable has;
//             types that cannot be part of a cycle; weak references, which hold nothing
//   busy      a thread is in the middle of an object's death
//   threads   each thread has objects of its own
//   ended     as exact, of a thread: the first one has ended
//   named     types whose names are so long that they need memory when they are asked for
//   crowd N   N objects in a list
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <pthread.h>
#include <unistd.h>

#include <krait/object.hpp>
#include <krait/object/value.hpp>

struct session;
struct disguised {
    std::uint64_t number = 0; // looks like a pointer to a session, and is none
    krait::ref<disguised> next;
};
struct session {
    std::string user;
    krait::ref<session> peer;
};
struct a_type_with_quite_a_long_name {
    krait::ref<a_type_with_quite_a_long_name> next;
    int number = 0;
};
struct plain {
    char text[48] = "of a type that cannot be part of a cycle";
};
struct server {
    std::vector<krait::ref<session>> sessions;
    krait::weak<session> watched;
    krait::ref<plain> leaf;
    krait::ref<server> self;
    KRAIT_FIELDS(sessions, watched, leaf, self);
};
struct lets_wait {
    krait::ref<lets_wait> other;
    ~lets_wait();
};

krait::ref<server> global_server;
krait::ref<disguised> global_disguised;
krait::ref<plain> global_plain;
krait::ref<a_type_with_quite_a_long_name> global_named;

namespace {

[[noreturn]] void wait_for_end(const char* said) {
    std::puts(said);
    std::fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    _exit(0);
}

__attribute__((noinline)) void wipe_stack() {
    volatile char room[16384];
    for (volatile char& each : room) each = 0;
}

krait::ref<session> two_sessions(const char* user) {
    auto first = krait::make<session>(user), second = krait::make<session>(user);
    first->peer = second;
    second->peer = first;
    return first;
}

__attribute__((noinline)) void make_exact() {
    krait::gc::disable();
    global_server = krait::make<server>();
    global_server->self = global_server;
    for (int i = 0; i < 40; ++i) global_server->sessions.push_back(krait::make<session>("kept"));
    global_server->leaf = krait::make<plain>();
    global_plain = krait::make<plain>();
    global_disguised = krait::make<disguised>();
    // A cycle that the collector has still to free, which only a number and a weak reference lead to.
    const auto garbage = two_sessions("garbage");
    global_disguised->number = reinterpret_cast<std::uintptr_t>(garbage.get());
    global_server->watched = garbage;
    // A reference in a block that nothing leads to.
    auto* const lost = new krait::ref<session>(krait::make<session>("lost"));
    asm volatile("" : : "r"(lost) : "memory");
    // An instance of one of Python's classes, which a class and its own dict lead to.
    static const krait::class_ ticket("ticket_with_a_name_of_its_own");
    static const krait::object one = ticket();
    std::printf("%p %p %p ", static_cast<void*>(global_server->sessions[3].get()), one.reference().get(),
                static_cast<void*>(global_plain.get()));
}

__attribute__((noinline)) void make_crowd(int size) {
    global_server = krait::make<server>();
    for (int i = 0; i < size; ++i) global_server->sessions.push_back(krait::make<session>("one of many"));
}

} // namespace

lets_wait::~lets_wait() { wait_for_end("in a destructor"); }

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "exact") {
        make_exact();
        wipe_stack();
    } else if (what == "busy") {
        krait::make<lets_wait>();
    } else if (what == "threads") {
        make_exact();
        std::thread([] {
            static thread_local krait::ref<server> own = krait::make<server>();
            for (int i = 0; i < 3; ++i) own->sessions.push_back(krait::make<session>("of a thread"));
            own->self = own;
            wait_for_end("ready");
        }).join();
    } else if (what == "named") {
        global_named = krait::make<a_type_with_quite_a_long_name>();
        global_named->next = global_named;
        std::printf("%p ", static_cast<void*>(global_named.get()));
    } else if (what == "ended") {
        std::thread([] {
            make_exact();
            wait_for_end("ready");
        }).detach();
        pthread_exit(nullptr);
    } else if (what == "crowd" && argc > 2) {
        make_crowd(std::atoi(argv[2]));
    }
    wait_for_end("ready");
}
