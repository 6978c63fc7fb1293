// Where threads are torn apart on purpose. In a build with KRAIT_YIELDS (preset yields) a thread that comes to a yield
// point may give up its processor there, spin or sleep; a pseudo-random stream decides, which a seed (KRAIT_YIELD_SEED)
// and the thread's number start. Points stand around locks, between the steps of a list operation and where blocks
// change hands, so that every other thread gets its chance to see the state between two instructions. Any other build
// has no code for them.
#pragma once

#include <cstdint>

namespace krait::os {

#ifdef KRAIT_YIELDS

// Mostly returns at once. Keeps errno, is no cancellation point, may be called anywhere, also in a signal handler.
void yield_point() noexcept;

// Streams that start from now on follow from this seed. 0 = no yields.
void seed_yields(std::uint64_t seed) noexcept;

#else

inline void yield_point() noexcept {}

#endif

} // namespace krait::os
