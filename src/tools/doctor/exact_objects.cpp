#include "doctor/exact_objects.hpp"

#include "failure.hpp"

#include <krait/stats_block.h>

#include <fmt/format.h>

#include <cstddef>
#include <limits>
#include <utility>

namespace krait::tools {

namespace {

constexpr std::size_t words_at_once = std::size_t{1} << 20; // of questions
constexpr std::size_t least_room = std::size_t{1} << 20, most_room = std::size_t{1} << 28;
// Each of them is a word of the process's.
constexpr std::size_t most_targets = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t most_of_text = 4096;
constexpr std::size_t object_head_bytes = 16;
// Deeper ones count as other blocks. Each step asks once, so that only chains of what cannot be part of a cycle matter.
constexpr unsigned most_steps = 4096;

bool is_in(const std::vector<std::uint64_t>& of, slot_id slot) noexcept {
    return (of[slot / 64] >> slot % 64 & 1) != 0;
}
void put_in(std::vector<std::uint64_t>& of, slot_id slot) noexcept { of[slot / 64] |= std::uint64_t{1} << slot % 64; }

} // namespace

void exact_objects::say_why(std::string reason) {
    if (why_not_.empty()) why_not_ = std::move(reason);
}

void exact_objects::ask(std::optional<called_copy> caller, const std::string& why_not,
                        const std::vector<stopped_thread>& threads) {
    const foreign_process process(memory_.process());
    for (const mapped_library& each : process.libraries()) {
        try {
            const foreign_address note = process.find_note(each, KRAIT_STATS_NOTE_NAME, KRAIT_LOOK_NOTE_TYPE, 8);
            if (note != 0) functions_.push_back(note + static_cast<foreign_address>(process.read<std::int64_t>(note)));
        } catch (const bad_address&) { // a file that is mapped in parts
        }
    }
    if (functions_.empty()) return;
    if (!caller) return say_why(why_not);
    caller_ = caller;
    const auto can_be_used = [](const stopped_thread& each) {
        return each.registers.is_known && each.registers.thread_pointer != 0;
    };
    const auto first = std::find_if(threads.begin(), threads.end(), can_be_used);
    if (first == threads.end()) return say_why("no thread of the process has a thread pointer to ask under");
    thread_pointer_ = first->registers.thread_pointer;
    is_object_.resize(blocks_.slots() / 64 + 1);
    is_weak_.resize(is_object_.size());
    for (const foreign_address function : functions_)
        for (const stopped_thread& each : threads)
            if (can_be_used(each)) ask_thread(function, each);
    if (caller_->has_ended())
        fail("the copy of process {} ended when it was asked about its objects: ask with --stop", memory_.of());
    link();
}

bool exact_objects::give(foreign_address function, foreign_address thread_pointer, order& given,
                         std::span<const std::uint64_t> in) {
    if (order_at_ == 0) order_at_ = caller_->map(sizeof(order));
    if (in.size() > in_room_) {
        in_room_ = std::max(in.size(), std::size_t{1} << 10);
        in_at_ = caller_->map(in_room_ * sizeof in[0]);
    }
    if (out_room_ == 0) out_at_ = caller_->map((out_room_ = least_room) * sizeof words_[0]);
    if (order_at_ == 0 || out_at_ == 0 || (in_room_ != 0 && in_at_ == 0)) return false;
    if (!in.empty() && !caller_->write(in_at_, in.data(), in.size_bytes())) return false;
    given.in = reinterpret_cast<const std::uint64_t*>(in_at_);
    given.out = reinterpret_cast<std::uint64_t*>(out_at_);
    given.room = out_room_;
    if (!caller_->write(order_at_, &given, sizeof given)) return false;
    const order asked = given;
    const bool came_back = caller_->call(function, order_at_, thread_pointer);
    memory_.read(order_at_, &given, sizeof given);
    given.count = asked.count;
    words_.resize(std::min(given.used, out_room_));
    memory_.read(out_at_, words_.data(), words_.size() * sizeof words_[0]);
    return came_back;
}

void exact_objects::ask_thread(foreign_address function, const stopped_thread& thread) {
    order list;
    do {
        list = {.wanted = order::list};
        if (!give(function, thread.registers.thread_pointer, list, {}))
            return say_why("the lists of the collector could not be followed");
    } while (list.done > out_room_ && make_room(list.done));
    if (list.done > out_room_) return say_why("the lists of the collector have no end");
    if (list.done == 0) return; // no heap
    if (words_.size() < 3) return disbelieve();
    lists_.push_back({words_[0], words_[1]});
    if (words_[2] != 0)
        return say_why(
            fmt::format("thread {} was in the middle of a collection or of an object's death: ask again", thread.id));
    std::vector<foreign_address> heads(words_.begin() + 3, words_.end());
    ask_about(function, thread, std::move(heads));
}

// In breadth: what the answers lead to is asked next.
void exact_objects::ask_about(foreign_address function, const stopped_thread& thread,
                              std::vector<foreign_address> heads) {
    const auto take_new = [this](std::vector<foreign_address>& from) {
        std::erase_if(from, [this](foreign_address head) {
            const slot_id slot = blocks_.slot_at(head + object_head_bytes);
            if (slot == no_slot || is_in(is_object_, slot)) return true;
            put_in(is_object_, slot);
            return false;
        });
    };
    take_new(heads);
    for (unsigned step = 0; !heads.empty() && step < most_steps; ++step) {
        const std::size_t first_target = target_heads_.size();
        for (std::size_t at = 0; at < heads.size() && !caller_->is_given_up();) {
            const std::size_t count = std::min(heads.size() - at, words_at_once);
            order given{.wanted = order::references, .count = count};
            const bool came_back =
                give(function, thread.registers.thread_pointer, given, std::span(heads).subspan(at, count));
            const std::size_t taken = take_answers(std::span(heads).subspan(at, count), given);
            at += taken;
            if (came_back && taken == 0) {
                if (!caller_->is_given_up() && !make_room(8 * out_room_))
                    return say_why("an object has more references than can be read");
            } else if (!came_back) { // nothing is known of this one
                say_why("some objects were just being changed");
                ++at;
            }
        }
        heads.assign(target_heads_.begin() + static_cast<std::ptrdiff_t>(first_target), target_heads_.end());
        take_new(heads);
    }
}

// Less room than twice that of before would be asked for too often.
bool exact_objects::make_room(std::size_t words) {
    if (out_room_ >= most_room) return false;
    out_room_ = std::min(std::max(words, 2 * out_room_), most_room);
    out_at_ = caller_->map(out_room_ * sizeof words_[0]);
    return true;
}

void exact_objects::disbelieve() {
    say_why("the program's own answers contradict themselves");
    caller_->give_up();
}

// How many it answers.
std::size_t exact_objects::take_answers(std::span<const foreign_address> asked, const order& answered) {
    constexpr std::size_t numbers = 4;
    const std::size_t most = std::min(answered.done, asked.size());
    std::size_t taken = 0;
    for (std::size_t at = 0; taken < most; ++taken) {
        if (words_.size() - at < numbers) {
            disbelieve();
            break;
        }
        object made;
        made.head = asked[taken];
        made.slot = blocks_.slot_at(made.head + object_head_bytes);
        made.bits = words_[at];
        made.outside = static_cast<std::uint32_t>(words_[at + 1]);
        made.first = target_heads_.size();
        const std::size_t weak_nodes = words_[at + 2], targets = words_[at + 3];
        at += numbers;
        const std::size_t there_are = words_.size() - at;
        if (weak_nodes > there_are || targets > there_are - weak_nodes) {
            disbelieve();
            break;
        }
        if (target_heads_.size() + targets > most_targets) {
            say_why("it has more references than can be kept");
            caller_->give_up();
            break;
        }
        for (std::size_t i = 0; i < weak_nodes; ++i)
            if (const slot_id node = blocks_.slot_at(words_[at + i]); node != no_slot) put_in(is_weak_, node);
        if (weak_nodes != 0)
            made.record = memory_.word(words_[at] + 16); // a cell's, behind the words of a node
        else
            made.record = memory_.word(made.head + 8) & ((std::uint64_t{1} << 48) - 1);
        at += weak_nodes;
        const auto first = words_.begin() + static_cast<std::ptrdiff_t>(at);
        target_heads_.insert(target_heads_.end(), first, first + static_cast<std::ptrdiff_t>(targets));
        at += targets;
        objects_.push_back(made);
    }
    return taken;
}

// From answers in the order of asking to objects by slot, and what is outside of all fields.
void exact_objects::link() {
    std::vector<std::size_t> ends;
    ends.reserve(objects_.size());
    for (std::size_t i = 0; i < objects_.size(); ++i)
        ends.push_back(i + 1 < objects_.size() ? objects_[i + 1].first : target_heads_.size());
    std::vector<std::uint32_t> by_slot(objects_.size());
    for (std::size_t i = 0; i < by_slot.size(); ++i) by_slot[i] = static_cast<std::uint32_t>(i);
    std::sort(by_slot.begin(), by_slot.end(),
              [this](std::uint32_t a, std::uint32_t b) { return objects_[a].slot < objects_[b].slot; });
    std::fill(is_object_.begin(), is_object_.end(), 0);
    std::vector<object> sorted;
    sorted.reserve(objects_.size());
    for (const std::uint32_t i : by_slot) {
        sorted.push_back(objects_[i]);
        put_in(is_object_, objects_[i].slot);
    }
    targets_.reserve(target_heads_.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        object& each = sorted[i];
        const std::size_t first = each.first, end = ends[by_slot[i]];
        each.first = targets_.size();
        for (std::size_t at = first; at < end; ++at) {
            const slot_id to = blocks_.slot_at(target_heads_[at] + object_head_bytes);
            if (to != no_slot && is_in(is_object_, to)) targets_.push_back(to);
        }
    }
    objects_ = std::move(sorted);
    target_heads_ = {};
    for (object& each : objects_)
        if ((each.bits & order::is_immortal) != 0) each.outside = ~std::uint32_t{0};
    for (const slot_id to : targets_) {
        auto& outside = const_cast<object&>(find(to)).outside;
        if (outside != 0 && outside != ~std::uint32_t{0}) --outside;
    }
}

std::span<const slot_id> exact_objects::targets(slot_id from) const noexcept {
    const object& of = find(from);
    const std::size_t end = &of == &objects_.back() ? targets_.size() : (&of)[1].first;
    return std::span(targets_).subspan(of.first, end - of.first);
}

std::optional<std::uint32_t> exact_objects::outside(slot_id slot) const noexcept {
    if (!has(slot) || (find(slot).bits & order::is_immortal) != 0) return std::nullopt;
    return find(slot).outside;
}

bool exact_objects::is_in_care(slot_id slot) const noexcept {
    return has(slot) && (find(slot).bits & order::is_in_care) != 0;
}

std::string exact_objects::text_of(order::what wanted, std::span<const std::uint64_t> heads) {
    order given{.wanted = wanted, .count = 1};
    // Whose thread it is does not matter to them.
    if (!give(functions_.front(), thread_pointer_, given, heads) || words_.empty()) return {};
    const std::size_t bytes = std::min({std::size_t{words_[0]}, (words_.size() - 1) * sizeof words_[0], most_of_text});
    return {reinterpret_cast<const char*>(words_.data() + 1), bytes};
}

const std::string& exact_objects::name_of(slot_id slot) {
    const object& of = find(slot);
    const foreign_address key = (of.bits & order::is_named_by_itself) != 0 ? of.head : of.record;
    const auto [at, is_new] = names_.try_emplace(key);
    if (is_new) at->second = text_of(order::names, std::span(&of.head, 1));
    return at->second;
}

std::string exact_objects::label(slot_id from, slot_id to) {
    if (!has(from) || !has(to)) return {};
    const std::uint64_t pair[] = {find(from).head, find(to).head};
    return text_of(order::labels, pair);
}

std::size_t exact_objects::memory() const noexcept {
    return objects_.capacity() * sizeof(object) + targets_.capacity() * sizeof(slot_id) +
           2 * is_object_.capacity() * sizeof is_object_[0];
}

} // namespace krait::tools
