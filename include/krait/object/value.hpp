// Python's values and names in C++: int_, float_, str, bytes, tuple, list, dict, set, packed, functions with closures,
// classes with instances, weak references, namespaces, with CPython's identities, sizes, free lists and rules of the
// collector. Link with -lgmp.
//
//     krait::list x{200};
//     krait::object y = x;                       // another reference to the same list
//     x.append("text");
//     krait::print(y, krait::getsizeof(y));      // [200, 'text'] 88
//
// docs/values.md is the tutorial and the reference. value/object.hpp has the glossary.
//
//   object -> block -> protocol -> int, float, str, bytes      atoms
//                               -> tuple, list, dict, set      containers
//                               -> function -> instance        what programs define
//                                           -> ops, print, names, weakref
#pragma once

#include <krait/object/language.hpp>

#include <krait/object/value/collector.hpp>
#include <krait/object/value/names.hpp>
#include <krait/object/value/ops.hpp>
#include <krait/object/value/packed.hpp>
#include <krait/object/value/print.hpp>
#include <krait/object/value/weakref.hpp>
