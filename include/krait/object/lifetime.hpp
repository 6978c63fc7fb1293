// The beginning and the end of a thread's heap.
//
// A heap starts with the thread's first make(). At the thread's end, for the main thread at exit() before static
// objects are destroyed: finalize() actions run, the newest first; one full collection runs; what is still alive is
// untracked. From then on those objects are plain reference counted: whoever holds them (a static, a cache, another
// thread that took them over) may go on, they die with their last reference, but a cycle among them stays. Objects made
// later by the thread (by destructors of statics) are never tracked either. In a forked child the calling thread's heap
// goes on; there is nothing to lock. The heaps of other threads are gone with their threads, their objects stay as they
// are.
#pragma once

#include <krait/object/trigger.hpp>

namespace krait::detail {

void start_up(heap& h);

inline heap& started_heap() {
    heap& h = this_heap();
    if (!h.started) start_up(h);
    return h;
}

} // namespace krait::detail

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/lifetime.hpp>
#endif
