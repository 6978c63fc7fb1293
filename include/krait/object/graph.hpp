// Object graphs: which objects there are, who holds them, how much memory they take, and how they are drawn. What
// objgraph, Pympler and sys offer for Python, with their names and, of Python's values, with their numbers.
//
//     for (const auto& row : krait::graph::growth()) ...                        // what there is more of than ever
//     const auto leaked = krait::graph::by_type("session");
//     krait::graph::find_backref_chain(leaked[0]).text();                       // server.sessions[3] -> session
//     krait::graph::asizeof(server);                                            // bytes, with all that it leads to
//
// docs/leaks.md hunts with it. The judge of the numbers is objgraph 3.5.0 (Debian's python3-objgraph); Pympler is
// not packaged there, so its numbers are those of its documented semantics (graph/sizes.hpp).
//
//   types      count_by_type, count, most_common_types, growth, new_ids, at, by_type, all_objects
//   chains     get_referrers, get_referents, outside_references, roots, leaking_objects, find_ref_chain,
//              find_backref_chain
//   dot        show_refs, show_backrefs, show_chain
//   sizes      getsizeof, asizeof, asized, describe
//   summary    summary, summarize, difference, tracker
//
// Threads: everything concerns the objects of the calling thread, as in gc.hpp, and what immortal objects lead to;
// nothing is locked. What only shared<T> leads to is not seen: other threads may be changing it.
// Lifetime: nothing is kept beyond the call, but for what is returned as `objects` or `chain`, which hold. No run of
// the collector starts meanwhile.
// When: what looks into objects throws not_now in the middle of a run or of a death (destructors, finalizers and
// callbacks of weak references): containers may be half changed. What only counts (types) may be called there, too.
// What cannot be part of a cycle is not tracked, and so seen only as far as something tracked leads to it: give its
// type `using krait_cyclic = void;` to have it counted, and named in chains, while you look for a leak.
// Large graphs: a million objects, a chain of any length: nothing is recursive, and everything is linear.
#pragma once

#include <krait/object/graph/chains.hpp>
#include <krait/object/graph/dot.hpp>
#include <krait/object/graph/sizes.hpp>
#include <krait/object/graph/summary.hpp>
#include <krait/object/graph/types.hpp>
