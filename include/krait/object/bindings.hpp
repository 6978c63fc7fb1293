// Made by scripts/object-bindings. One struct for each number of fields N:
//
//   takes<T>        whether T{{}, ..., {}} with N braces is valid: each initialises one field, an array too
//   takes_any<T>    whether N braces and one more initialiser, that is anything (or an A), are valid
//   takes_braced    the same of an A in braces, which then belongs to one field and not to a field's first field
//   tie(t, f)       f(first, ..., Nth)
// The compiler shows the line of a binding that it refuses, where aggregate.hpp has not: so the line says what to do.
#pragma once

#include <cstddef>

#include <krait/object/initializer.hpp>

namespace krait::detail {

template <std::size_t N>
struct bindings {
    template <class T>
    static constexpr bool takes = false;
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = true;
    template <class T, class A>
    static constexpr bool takes_braced = true;
};

// clang-format off
template <>
struct bindings<1> {
    template <class T>
    static constexpr bool takes = requires { T{{}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1] = object;
        return f(own<decltype(f1)>(f1));
    }
};
template <>
struct bindings<2> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2));
    }
};
template <>
struct bindings<3> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3));
    }
};
template <>
struct bindings<4> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4));
    }
};
template <>
struct bindings<5> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5));
    }
};
template <>
struct bindings<6> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6));
    }
};
template <>
struct bindings<7> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7));
    }
};
template <>
struct bindings<8> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8));
    }
};
template <>
struct bindings<9> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9));
    }
};
template <>
struct bindings<10> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10));
    }
};
template <>
struct bindings<11> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11));
    }
};
template <>
struct bindings<12> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12));
    }
};
template <>
struct bindings<13> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13));
    }
};
template <>
struct bindings<14> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14));
    }
};
template <>
struct bindings<15> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15));
    }
};
template <>
struct bindings<16> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16));
    }
};
template <>
struct bindings<17> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17));
    }
};
template <>
struct bindings<18> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18));
    }
};
template <>
struct bindings<19> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19));
    }
};
template <>
struct bindings<20> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20));
    }
};
template <>
struct bindings<21> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21));
    }
};
template <>
struct bindings<22> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
                f22] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22));
    }
};
template <>
struct bindings<23> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22,
                f23] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23));
    }
};
template <>
struct bindings<24> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24));
    }
};
template <>
struct bindings<25> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25));
    }
};
template <>
struct bindings<26> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26));
    }
};
template <>
struct bindings<27> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27));
    }
};
template <>
struct bindings<28> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28));
    }
};
template <>
struct bindings<29> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29));
    }
};
template <>
struct bindings<30> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30));
    }
};
template <>
struct bindings<31> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31));
    }
};
template <>
struct bindings<32> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32));
    }
};
template <>
struct bindings<33> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33));
    }
};
template <>
struct bindings<34> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34));
    }
};
template <>
struct bindings<35> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35));
    }
};
template <>
struct bindings<36> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36));
    }
};
template <>
struct bindings<37> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37));
    }
};
template <>
struct bindings<38> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38));
    }
};
template <>
struct bindings<39> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39));
    }
};
template <>
struct bindings<40> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40));
    }
};
template <>
struct bindings<41> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41));
    }
};
template <>
struct bindings<42> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42));
    }
};
template <>
struct bindings<43> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42,
                f43] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42), own<decltype(f43)>(f43));
    }
};
template <>
struct bindings<44> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43,
                f44] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42), own<decltype(f43)>(f43), own<decltype(f44)>(f44));
    }
};
template <>
struct bindings<45> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44,
                f45] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42), own<decltype(f43)>(f43), own<decltype(f44)>(f44),
            own<decltype(f45)>(f45));
    }
};
template <>
struct bindings<46> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44,
                f45, f46] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42), own<decltype(f43)>(f43), own<decltype(f44)>(f44),
            own<decltype(f45)>(f45), own<decltype(f46)>(f46));
    }
};
template <>
struct bindings<47> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44,
                f45, f46, f47] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42), own<decltype(f43)>(f43), own<decltype(f44)>(f44),
            own<decltype(f45)>(f45), own<decltype(f46)>(f46), own<decltype(f47)>(f47));
    }
};
template <>
struct bindings<48> {
    template <class T>
    static constexpr bool takes = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}}; };
    template <class T, class A = any_field_of<T>>
    static constexpr bool takes_any = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, A{}}; };
    template <class T, class A>
    static constexpr bool takes_braced = requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
        {}, {}, {}, {}, {A{}}}; };
    template <class T, class F>
    static constexpr decltype(auto) tie(T& object, F&& f) {
        auto& [ // krait: a class with an anonymous union cannot be seen into: write KRAIT_FIELDS(...)
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
                f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44,
                f45, f46, f47, f48] = object;
        return f(own<decltype(f1)>(f1), own<decltype(f2)>(f2), own<decltype(f3)>(f3), own<decltype(f4)>(f4),
            own<decltype(f5)>(f5), own<decltype(f6)>(f6), own<decltype(f7)>(f7), own<decltype(f8)>(f8),
            own<decltype(f9)>(f9), own<decltype(f10)>(f10), own<decltype(f11)>(f11), own<decltype(f12)>(f12),
            own<decltype(f13)>(f13), own<decltype(f14)>(f14), own<decltype(f15)>(f15), own<decltype(f16)>(f16),
            own<decltype(f17)>(f17), own<decltype(f18)>(f18), own<decltype(f19)>(f19), own<decltype(f20)>(f20),
            own<decltype(f21)>(f21), own<decltype(f22)>(f22), own<decltype(f23)>(f23), own<decltype(f24)>(f24),
            own<decltype(f25)>(f25), own<decltype(f26)>(f26), own<decltype(f27)>(f27), own<decltype(f28)>(f28),
            own<decltype(f29)>(f29), own<decltype(f30)>(f30), own<decltype(f31)>(f31), own<decltype(f32)>(f32),
            own<decltype(f33)>(f33), own<decltype(f34)>(f34), own<decltype(f35)>(f35), own<decltype(f36)>(f36),
            own<decltype(f37)>(f37), own<decltype(f38)>(f38), own<decltype(f39)>(f39), own<decltype(f40)>(f40),
            own<decltype(f41)>(f41), own<decltype(f42)>(f42), own<decltype(f43)>(f43), own<decltype(f44)>(f44),
            own<decltype(f45)>(f45), own<decltype(f46)>(f46), own<decltype(f47)>(f47), own<decltype(f48)>(f48));
    }
};
// clang-format on

} // namespace krait::detail
