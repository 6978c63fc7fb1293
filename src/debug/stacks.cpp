#include "debug/stacks.hpp"

#include "os/code_object.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/thread.hpp"
#include "trace/intern_table.hpp"
#include "trace/module_table.hpp"
#include "trace/stack_walk.hpp"
#include "trace/unwind_rules.hpp"

#include <array>
#include <atomic>
#include <new>

namespace krait::debug {

namespace {

// A thread's, and that of one which inherits it when the first has gone.
struct walker {
    trace::stack_walk walk;
    trace::recent_numbers nodes;
    std::array<trace::recent_numbers::slot, 2048> node_slots{};
    std::atomic<os::thread_id> owner{0};
    std::uint32_t unloads_seen = 0;
    bool is_busy = false;
    walker* next = nullptr; // of all that there are

    void begin(os::thread_id mine, std::size_t frames) noexcept {
        walk.open(this + 1, frames);
        node_slots = {};
        nodes.open(node_slots.data(), node_slots.size());
        is_busy = false;
        owner.store(mine, std::memory_order_release);
    }
};

struct stack_store {
    trace::unwind_rules rules;
    trace::intern_table nodes;
    trace::module_table modules;        // whose code has rules; the program is the first
    std::atomic<std::size_t> frames{0}; // 0 = no stacks
    std::uintptr_t own_begin = 0, own_end = 0;
    std::atomic<walker*> walkers{nullptr};
    std::atomic<std::uint32_t> unloads{0};
};
constinit stack_store store;
constinit thread_local walker* own = nullptr;
constinit thread_local bool is_making_own = false;

walker* inherited_walker(os::thread_id mine) noexcept {
    constinit static std::atomic<walker*> next_to_look_at{nullptr};
    if (os::has_filter()) return nullptr; // which may not know the call that asks for a thread
    walker* each = next_to_look_at.load(std::memory_order_relaxed);
    for (unsigned looks = 0; looks < 8; ++looks) {
        if (each == nullptr) each = store.walkers.load(std::memory_order_acquire);
        if (each == nullptr) return nullptr;
        os::thread_id owner = each->owner.load(std::memory_order_acquire);
        const bool is_free = owner != 0 && (owner == mine || os::is_gone(owner));
        if (is_free && each->owner.compare_exchange_strong(owner, 0)) {
            next_to_look_at.store(each->next, std::memory_order_relaxed);
            return each;
        }
        each = each->next;
    }
    next_to_look_at.store(each, std::memory_order_relaxed);
    return nullptr;
}

walker* fresh_walker(std::size_t frames) noexcept {
    void* const memory = os::map_anywhere(os::page_ceiling(sizeof(walker) + trace::stack_walk::bytes_for(frames)));
    if (memory == nullptr) return nullptr;
    auto* const made = ::new (memory) walker;
    made->next = store.walkers.load(std::memory_order_relaxed);
    while (!store.walkers.compare_exchange_weak(made->next, made, std::memory_order_acq_rel)) {
    }
    return made;
}

[[gnu::cold, gnu::noinline]] walker* make_own(std::size_t frames) noexcept {
    if (is_making_own) return nullptr;
    is_making_own = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const os::errno_kept keep;
    const os::thread_id mine = os::this_thread_id();
    walker* made = inherited_walker(mine);
    if (made == nullptr) made = fresh_walker(frames);
    if (made != nullptr) made->begin(mine, frames);
    own = made;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    is_making_own = false;
    return made;
}

[[gnu::cold, gnu::noinline]] std::uint32_t short_stack_at(const void* frame) noexcept {
    constexpr std::size_t few = 8;
    alignas(8) std::array<unsigned char, trace::stack_walk::bytes_for(few)> memory;
    trace::stack_walk walk;
    walk.open(memory.data(), few);
    trace::recent_numbers none;
    return walk.capture(frame, store.rules, store.nodes, none, store.own_begin, store.own_end);
}

void know_module(std::uintptr_t pc) noexcept {
    store.modules.know(pc, [](std::uintptr_t begin, std::uintptr_t end) noexcept { store.nodes.hide(begin, end); });
}

} // namespace

void open_stacks(std::size_t frames) noexcept {
    const os::code_object self = os::code_object_at(reinterpret_cast<std::uintptr_t>(&open_stacks));
    if (frames == 0 || !self || !store.nodes.open() || !store.rules.open(false) || !store.modules.open()) return;
    store.rules.on_new_code = know_module;
    know_module(os::program_entry() + 1); // now, as its path takes a system call that a filter may not know
    store.own_begin = self.begin;
    store.own_end = self.end;
    store.frames.store(frames, std::memory_order_release);
}

std::uint32_t stack_at(const void* frame) noexcept {
    const std::size_t frames = store.frames.load(std::memory_order_acquire);
    if (frames == 0) return 0;
    walker* const mine = own != nullptr ? own : make_own(frames);
    if (mine == nullptr || mine->is_busy) return short_stack_at(frame);
    mine->is_busy = true;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const std::uint32_t unloads = store.unloads.load(std::memory_order_relaxed);
    if (mine->unloads_seen != unloads) {
        mine->unloads_seen = unloads;
        mine->walk.forget();
        mine->nodes.forget();
    }
    const std::uint32_t stack =
        mine->walk.capture(frame, store.rules, store.nodes, mine->nodes, store.own_begin, store.own_end);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    mine->is_busy = false;
    return stack;
}

void go_on_in_child() noexcept {
    if (own != nullptr) own->owner.store(os::this_thread_id(), std::memory_order_release);
}

void library_closed() noexcept {
    if (store.frames.load(std::memory_order_acquire) == 0) return;
    const os::errno_kept keep;
    store.modules.look_for_gone([](std::uintptr_t begin, std::uintptr_t end) noexcept {
        store.rules.retire(begin, end);
        store.unloads.fetch_add(1, std::memory_order_relaxed);
    });
}

namespace {

void write_path(text& out, const os::code_object& object) noexcept {
    if (object.name != nullptr && *object.name != '\0') {
        out << std::string_view(object.name);
        return;
    }
    store.modules.for_each([&](const trace::module_table::row& each) {
        if (each.is_program) out << std::string_view(each.path.data());
    });
}

} // namespace

void write_stack(text& out, std::uint32_t stack) noexcept {
    if (stack == 0 || stack > store.nodes.count()) {
        out << "        not known\n";
        return;
    }
    for (auto node = store.nodes.at(stack); node.is_ready; node = store.nodes.at(node.parent)) {
        const std::uintptr_t call = node.value - 1; // the return address is the next instruction's
        const os::code_object object = os::code_object_at(call);
        out << "        ";
        if (!object) {
            out.hex(call);
            out << " (not loaded any more)\n";
        } else {
            write_path(out, object);
            out << '+';
            out.hex(call - object.bias);
            out << '\n';
        }
        if (node.parent == 0) break;
    }
}

} // namespace krait::debug
