// The object layer: references, weak references, caches and a cycle collector, for any C++20 program.
//
//     struct node { std::string name; std::vector<krait::ref<node>> to; };
//     auto a = krait::make<node>("a");
//     a->to.push_back(a);                            // a cycle
//     a = {};
//     std::size_t n = krait::gc::collect();          // 1
//
// docs/objects.md is the tutorial and the reference. Headers only; works over any malloc.
#pragma once

#include <krait/object/language.hpp>

#include <krait/object/array.hpp>
#include <krait/object/atomic_shared.hpp>
#include <krait/object/cursor.hpp>
#include <krait/object/finalize.hpp>
#include <krait/object/function.hpp>
#include <krait/object/gc.hpp>
#include <krait/object/hand_over.hpp>
#include <krait/object/immortal.hpp>
#include <krait/object/integer.hpp>
#include <krait/object/interned.hpp>
#include <krait/object/lru_cache.hpp>
#include <krait/object/make.hpp>
#include <krait/object/ref.hpp>
#include <krait/object/shared.hpp>
#include <krait/object/weak.hpp>
#include <krait/object/weak_key_map.hpp>
#include <krait/object/weak_method.hpp>
#include <krait/object/weak_shared.hpp>
#include <krait/object/weak_value_map.hpp>
