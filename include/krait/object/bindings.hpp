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
        return pass<decltype(f1)>(f, f1);
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
        return pass<decltype(f1), decltype(f2)>(f, f1, f2);
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
        return pass<decltype(f1), decltype(f2), decltype(f3)>(f, f1, f2, f3);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4)>(f, f1, f2, f3, f4);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5)>(f, f1, f2, f3, f4, f5);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6)>(f, f1, f2, f3,
            f4, f5, f6);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7)>(f,
            f1, f2, f3, f4, f5, f6, f7);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8)>(f, f1, f2, f3, f4, f5, f6, f7, f8);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12)>(f, f1, f2, f3, f4, f5, f6, f7, f8,
            f9, f10, f11, f12);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13)>(f, f1, f2, f3, f4,
            f5, f6, f7, f8, f9, f10, f11, f12, f13);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14)>(f,
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14,
            f15, f16, f17);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11,
            f12, f13, f14, f15, f16, f17, f18);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19)>(f, f1, f2, f3, f4, f5, f6, f7,
            f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20)>(f, f1, f2, f3, f4,
            f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21)>(f,
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
            f21, f22);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17,
            f18, f19, f20, f21, f22, f23);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14,
            f15, f16, f17, f18, f19, f20, f21, f22, f23, f24);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11,
            f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26)>(f, f1, f2, f3, f4, f5, f6, f7,
            f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27)>(f, f1, f2, f3, f4,
            f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26,
            f27);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28)>(f,
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
            f24, f25, f26, f27, f28);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
            f21, f22, f23, f24, f25, f26, f27, f28, f29);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17,
            f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14,
            f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11,
            f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33)>(f, f1, f2, f3, f4, f5, f6, f7,
            f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29,
            f30, f31, f32, f33);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34)>(f, f1, f2, f3, f4,
            f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26,
            f27, f28, f29, f30, f31, f32, f33, f34);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35)>(f,
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
            f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
            f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17,
            f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14,
            f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35,
            f36, f37, f38);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11,
            f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32,
            f33, f34, f35, f36, f37, f38, f39);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40)>(f, f1, f2, f3, f4, f5, f6, f7,
            f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29,
            f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41)>(f, f1, f2, f3, f4,
            f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26,
            f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42)>(f,
            f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23,
            f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42),
            decltype(f43)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
            f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41,
            f42, f43);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42),
            decltype(f43), decltype(f44)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17,
            f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38,
            f39, f40, f41, f42, f43, f44);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42),
            decltype(f43), decltype(f44), decltype(f45)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14,
            f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35,
            f36, f37, f38, f39, f40, f41, f42, f43, f44, f45);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42),
            decltype(f43), decltype(f44), decltype(f45), decltype(f46)>(f, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11,
            f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32,
            f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44, f45, f46);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42),
            decltype(f43), decltype(f44), decltype(f45), decltype(f46), decltype(f47)>(f, f1, f2, f3, f4, f5, f6, f7,
            f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29,
            f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44, f45, f46, f47);
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
        return pass<decltype(f1), decltype(f2), decltype(f3), decltype(f4), decltype(f5), decltype(f6), decltype(f7),
            decltype(f8), decltype(f9), decltype(f10), decltype(f11), decltype(f12), decltype(f13), decltype(f14),
            decltype(f15), decltype(f16), decltype(f17), decltype(f18), decltype(f19), decltype(f20), decltype(f21),
            decltype(f22), decltype(f23), decltype(f24), decltype(f25), decltype(f26), decltype(f27), decltype(f28),
            decltype(f29), decltype(f30), decltype(f31), decltype(f32), decltype(f33), decltype(f34), decltype(f35),
            decltype(f36), decltype(f37), decltype(f38), decltype(f39), decltype(f40), decltype(f41), decltype(f42),
            decltype(f43), decltype(f44), decltype(f45), decltype(f46), decltype(f47), decltype(f48)>(f, f1, f2, f3, f4,
            f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26,
            f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44, f45, f46, f47,
            f48);
    }
};
// clang-format on

} // namespace krait::detail
