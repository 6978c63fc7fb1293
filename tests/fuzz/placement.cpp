// Where the heap template puts its blocks, against the written model of pymalloc (tests/model): after every step the same
// arena, pool and offset, the same arenas created and released; the same statistics now and then. In every geometry, with
// few arenas and many, and with free pools that keep their pages or not: then a pool forgets its list, and only the pool is
// compared.
#include "input.hpp"
#include "model/heap_subject.hpp"
#include "model/reference.hpp"
#include "operations.hpp"
#include "require.hpp"
#include "selection.hpp"
#include "sizes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace krait::fuzz {

namespace {

using model::action, model::free_pages, model::layout, model::outcome, model::step;

constexpr std::size_t most_steps = 6000; // an input's, for the model: it is slow

class session {
  public:
    session(input from, model::subject& expected, model::subject& found, bool to_the_byte)
        : from_(from), expected_(expected), found_(found), to_the_byte_(to_the_byte) {}

    void run() {
        while (!from_.is_over() && steps_ < most_steps) operate();
        check_statistics();
        while (!live_.empty()) release(live_.size() - 1);
        check_statistics();
        operations.add(steps_);
    }

  private:
    void operate() {
        switch (from_.below(8)) {
        case 0:
        case 1:
            return repeat(choose_count(from_), [this, size = small_size()] { allocate(size); });
        case 2:
            return repeat(choose_count(from_), [this] { allocate(small_size()); });
        case 3:
            return repeat(choose_count(from_) / 8 + 1, [this] {
                if (!live_.empty()) perform({action::reallocate, live_[from_.below(live_.size())], small_size()});
            });
        case 4:
        case 5:
            return release_some();
        case 6:
            return thin_out(live_.size(), 2 + from_.below(30), [this](std::size_t index) { release(index); });
        default:
            return check_statistics();
        }
    }

    template <class F>
    void repeat(std::size_t times, F&& operation) {
        for (; times > 0 && steps_ < most_steps; --times) operation();
    }

    std::size_t small_size() { return std::min<std::size_t>(choose_size(from_), layout::largest_small + 1); }

    void allocate(std::size_t size) {
        if (vacant_.empty()) vacant_.push_back(slots_++);
        live_.push_back(vacant_.back());
        vacant_.pop_back();
        perform({action::allocate, live_.back(), size});
    }

    void release(std::size_t index) {
        std::swap(live_[index], live_.back());
        vacant_.push_back(live_.back());
        live_.pop_back();
        perform({action::release, vacant_.back(), 0});
    }

    void release_some() {
        selection which(from_, live_.size());
        repeat(std::min(choose_count(from_), live_.size()), [&] { release(which.next(live_.size())); });
    }

    void perform(const step& s) {
        ++steps_;
        outcome expected = expected_.perform(s), found = found_.perform(s);
        if (!to_the_byte_ && expected.block && found.block) expected.block->offset = found.block->offset = 0;
        KRAIT_REQUIRE(found == expected);
    }

    void check_statistics() { KRAIT_REQUIRE(found_.statistics() == expected_.statistics()); }

    input from_;
    model::subject& expected_;
    model::subject& found_;
    bool to_the_byte_;
    std::vector<std::size_t> live_, vacant_;
    std::size_t slots_ = 0;
    std::size_t steps_ = 0;
};

template <class G>
void run(input from, layout of) {
    static constexpr std::array<std::size_t, 2> pool_headers{48, 0};
    static constexpr std::array<std::size_t, 3> arena_limits{model::unlimited, 1, 4};
    of.pool_header = from.pick(pool_headers);
    of.arena_limit = from.pick(arena_limits);
    const free_pages pages = from.below(2) == 0 ? free_pages::kept : free_pages::given_back;
    model::reference expected(of);
    model::heap_subject<G> found(of, pages);
    session(from, expected, found, pages == free_pages::kept).run();
}

} // namespace

} // namespace krait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace krait;
    fuzz::input from({data, size});
    switch (from.below(3)) {
    case 0:
        fuzz::run<classic_geometry>(from, model::classic_layout);
        break;
    case 1:
        fuzz::run<classic8_geometry>(from, model::classic8_layout);
        break;
    case 2:
        fuzz::run<cpython_geometry>(from, model::cpython_layout);
    }
    return 0;
}
