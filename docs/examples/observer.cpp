// An observer graph, ported: subjects notify observers, observers remember their subject.
//
// Three forms of one program. `with_shared_ptr` is how it is usually written: the subject keeps weak_ptrs and sweeps
// the expired ones as it notifies; the observer may not own its subject, or both leak. `with_krait` is the port: a weak
// callback says when there is something to sweep, and both may own each other, because cycles are collected.
// `leaking` is the first form with the ownership of the second, to show what would happen.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <vector>

#include <krait/object.hpp>

namespace {

long alive = 0; // subjects and observers, in all forms

struct counted {
    counted() { ++alive; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --alive; }
};

// ---- before: 25 lines
namespace with_shared_ptr {

struct subject;
struct observer : counted {
    std::weak_ptr<subject> watching;
    long seen = 0;
};
struct subject : counted {
    std::vector<std::weak_ptr<observer>> observers;

    void notify(long value) {
        bool expired = false;
        for (const auto& weak : observers) {
            if (const auto o = weak.lock())
                o->seen += value;
            else
                expired = true;
        }
        if (expired) std::erase_if(observers, [](const auto& weak) { return weak.expired(); });
    }
};
std::shared_ptr<observer> watch(const std::shared_ptr<subject>& s) {
    auto o = std::make_shared<observer>();
    o->watching = s;
    s->observers.push_back(o);
    return o;
}

} // namespace with_shared_ptr

// ---- after: 24 lines
namespace with_krait {

struct subject;
struct observer : counted {
    krait::ref<subject> watching; // owns
    long seen = 0;
    KRAIT_FIELDS(watching);
};
struct subject : counted {
    std::vector<krait::weak<observer>> observers;
    krait::ref<observer> favourite; // owns, too: a cycle
    bool stale = false;             // an observer has died
    KRAIT_FIELDS(observers, favourite);

    void notify(long value) {
        if (std::exchange(stale, false)) std::erase_if(observers, [](const auto& weak) { return weak.expired(); });
        for (const auto& weak : observers)
            if (const auto o = weak.lock()) o->seen += value;
    }
};
krait::ref<observer> watch(const krait::ref<subject>& s) {
    auto o = krait::make<observer>();
    o->watching = s;
    s->observers.emplace_back(o, [subject = s.get()](const auto&) { subject->stale = true; });
    return o;
}

} // namespace with_krait

namespace leaking {

struct observer;
struct subject : counted {
    std::shared_ptr<observer> favourite;
};
struct observer : counted {
    std::shared_ptr<subject> watching;
};

} // namespace leaking

template <class Watch, class Subject>
long play(Watch watch, const Subject& subject) {
    long total = 0;
    std::vector<decltype(watch(subject))> crowd;
    for (int round = 0; round < 20000; ++round) {
        for (int i = 0; i < 20; ++i) crowd.push_back(watch(subject));
        subject->notify(round);
        for (const auto& o : crowd) total += o->seen;
        crowd.erase(crowd.begin(), crowd.begin() + static_cast<std::ptrdiff_t>(crowd.size() / 2));
    }
    return total;
}

// Of processor time.
template <class F>
double milliseconds(F&& f) {
    const std::clock_t begin = std::clock();
    f();
    return static_cast<double>(std::clock() - begin) * 1000 / CLOCKS_PER_SEC;
}

} // namespace

int main() {
    long before = 0, after = 0;
    const double time_before =
        milliseconds([&] { before = play(with_shared_ptr::watch, std::make_shared<with_shared_ptr::subject>()); });
    const double time_after = milliseconds([&] {
        const auto subject = krait::make<with_krait::subject>();
        subject->favourite = with_krait::watch(subject); // a cycle
        after = play(with_krait::watch, subject);
    });
    const std::size_t collected = krait::gc::collect();
    const long left = alive;

    {
        const auto subject = std::make_shared<leaking::subject>();
        subject->favourite = std::make_shared<leaking::observer>();
        subject->favourite->watching = subject;
        std::weak_ptr<leaking::subject> watch = subject;
        std::printf("the same cycle with shared_ptr: use_count %ld after the last owner, so we cut it by hand\n",
                    watch.use_count() - 1);
        subject->favourite->watching.reset();
    }
    std::printf("shared_ptr %.1f ms, krait %.1f ms; collected %zu, left alive %ld\n", time_before, time_after,
                collected, left);
    if (before != after || left != 0 || collected != 2) return 1;
    std::puts("all forms agree");
}
