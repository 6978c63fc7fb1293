// The bodies of the layer's functions, for the one source file of a program that is compiled with
// KRAIT_OBJECT_SEPARATE_COMPILATION (separate.hpp). A program with Python's values includes value_source.hpp instead.
#pragma once

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#error "krait: source.hpp is for programs that define KRAIT_OBJECT_SEPARATE_COMPILATION in all of their files"
#endif

#include <krait/object/finalize.hpp>
#include <krait/object/gc.hpp>

#include <krait/object/impl/death.hpp>
#include <krait/object/impl/freelist.hpp>
#include <krait/object/impl/incremental.hpp>
#include <krait/object/impl/lifetime.hpp>
#include <krait/object/impl/look.hpp>
#include <krait/object/impl/made.hpp>
#include <krait/object/impl/report.hpp>
#include <krait/object/impl/trigger.hpp>
