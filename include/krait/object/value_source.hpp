// The bodies of the values' functions, for the one source file of a program that is compiled with
// KRAIT_OBJECT_SEPARATE_COMPILATION (separate.hpp).
#pragma once

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#error "krait: value_source.hpp is for programs that define KRAIT_OBJECT_SEPARATE_COMPILATION in all of their files"
#endif

#include <krait/object/builtins.hpp>
#include <krait/object/source.hpp>

#include <krait/object/value/impl/builtins.hpp>
#include <krait/object/value/impl/bytes.hpp>
#include <krait/object/value/impl/dict.hpp>
#include <krait/object/value/impl/errors.hpp>
#include <krait/object/value/impl/float.hpp>
#include <krait/object/value/impl/format.hpp>
#include <krait/object/value/impl/function.hpp>
#include <krait/object/value/impl/hash.hpp>
#include <krait/object/value/impl/instance.hpp>
#include <krait/object/value/impl/int.hpp>
#include <krait/object/value/impl/items.hpp>
#include <krait/object/value/impl/iterate.hpp>
#include <krait/object/value/impl/list.hpp>
#include <krait/object/value/impl/names.hpp>
#include <krait/object/value/impl/number_methods.hpp>
#include <krait/object/value/impl/operate.hpp>
#include <krait/object/value/impl/ops.hpp>
#include <krait/object/value/impl/print.hpp>
#include <krait/object/value/impl/protocol.hpp>
#include <krait/object/value/impl/set.hpp>
#include <krait/object/value/impl/signature.hpp>
#include <krait/object/value/impl/str.hpp>
#include <krait/object/value/impl/tuple.hpp>
#include <krait/object/value/impl/weakref.hpp>
