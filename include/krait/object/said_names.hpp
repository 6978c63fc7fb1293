// Whether a class has a member of a name that the layer looks for, also one that it cannot use: a private one, or a
// finalizer that wants an argument. Nobody would ever call it, and nobody would say so.
//
// A class that derives from T and from one that has all the names finds each twice if T has it, and then by no name at
// all: access is looked at later. A final class cannot be derived from: of it the names that can be used are known.
#pragma once

#include <type_traits>

#include <krait/object/fields.hpp>

namespace krait::detail {

struct all_names {
    void krait_finalize();
    void krait_cyclic();
    void krait_acyclic();
    void krait_never_waits();
    // Slips of the pen.
    void krait_finalise();
    void krait_finalizer();
    void krait_finaliser();
    void krait_finalized();
    void krait_finalization();
    void krait_final();
};

template <class T>
struct with_all_names : T, all_names {};

template <class T>
concept has_finalizer = requires(T& object) {
    access::finalize(object);
};

template <class T>
struct said_names {
    using probe = with_all_names<T>;
    static constexpr bool finalizer = !requires { &probe::krait_finalize; };
    static constexpr bool cyclic = !requires { &probe::krait_cyclic; };
    static constexpr bool acyclic = !requires { &probe::krait_acyclic; };
    static constexpr bool never_waits = !requires { &probe::krait_never_waits; };
    static constexpr bool slip = !requires {
        &probe::krait_finalise;
        &probe::krait_finalizer;
        &probe::krait_finaliser;
        &probe::krait_finalized;
        &probe::krait_finalization;
        &probe::krait_final;
    };
};
template <class T>
requires(!std::is_class_v<T> || std::is_final_v<T>) struct said_names<T> {
    static constexpr bool finalizer = requires { &T::krait_finalize; };
    static constexpr bool cyclic = false;
    static constexpr bool acyclic = false;
    static constexpr bool never_waits = false;
    static constexpr bool slip = requires { &T::krait_finalise; }
    || requires { &T::krait_finalizer; };
};

} // namespace krait::detail
