// What a reader outside the process may ask of the thread's objects: `krait doctor` sees them exactly by it.
//
//   The reader has made a copy of the process that never runs by itself (tools/doctor/forked_copy.hpp). It calls
//   krait_objects_look() in the copy, once for each thread and under that thread's thread pointer, so that this_heap()
//   is the thread's. Nothing of it happens in the process itself, and what fails there, as on a container that a
//   thread was changing when it was stopped, costs an answer and harms nobody.
//
//   list         where the heap's lists begin and end | 1 if objects may be half changed now, else 0 | heads of all
//                that is tracked, frozen ones too; nothing where the thread has no heap
//   references   of each head: bits | count | number of weak nodes | number of targets | the nodes | the heads that its
//                counted references lead to, once for each
//   names        of each head what it is called by its own type: bytes | text, rounded up to words
//   labels       of each pair of heads how the first refers to the second: the same
//
//   used <= room; done <= count: heads or pairs that were answered as a whole; the reader asks for the rest again
//
// An ELF note leads to the function in files without symbols. Only `names` and `labels` allocate; and `references`,
// where values are nested deeper than nesting.hpp walks at once.
#pragma once

#include <krait/object/separate.hpp>

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/look.hpp>
#endif
