// interned: a string of which each thread has one copy. Comparison and hashing are those of a pointer.
//
// As CPython's: an interned string is mortal, it leaves the table with its last reference, or immortal.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include <krait/object/immortal.hpp>
#include <krait/object/make.hpp>

namespace krait {

class interned {
  public:
    using krait_thread_bound = void;

    // The thread's one copy of the text, made if there is none. Throws std::bad_alloc.
    explicit interned(std::string_view text) : entry_(find(text)) {}

    // The same, and it stays for ever.
    static interned immortal(std::string_view text) {
        interned result(text);
        immortalize(result.entry_);
        return result;
    }

    std::string_view view() const noexcept { return entry_->text; }
    operator std::string_view() const noexcept { return view(); }
    const char* c_str() const noexcept { return entry_->text.c_str(); }
    bool is_immortal() const noexcept { return krait::is_immortal(entry_); }

    friend bool operator==(const interned& a, const interned& b) noexcept { return a.entry_ == b.entry_; }
    friend auto operator<=>(const interned& a, const interned& b) noexcept { return a.view() <=> b.view(); }
    friend bool operator==(const interned& a, std::string_view b) noexcept { return a.view() == b; }
    friend auto operator<=>(const interned& a, std::string_view b) noexcept { return a.view() <=> b; }
    std::size_t hash() const noexcept { return std::hash<const void*>{}(entry_.get()); }

    // How many different strings the thread has interned.
    static std::size_t count() { return strings().strings.size(); }

  private:
    struct entry;
    struct table {
        std::unordered_map<std::string_view, entry*> strings;
        bool abandoned = false; // its thread has ended: the last string deletes it
    };
    // Empties the thread's place for a table when the thread ends.
    struct owner {
        table* owned;
        ~owner() {
            current = nullptr;
            owned->abandoned = true;
            if (owned->strings.empty()) delete owned;
        }
    };
    struct entry {
        using krait_acyclic = void;
        using krait_never_waits = void; // a dead entry must not be found in the table
        std::string text;
        table* home;
        entry(std::string_view t, table* h) : text(t), home(h) {}
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;
        ~entry() {
            home->strings.erase(text);
            if (home->abandoned && home->strings.empty()) delete home;
        }
    };
    static inline constinit thread_local table* current = nullptr;
    static inline constinit thread_local bool ended = false;

    static table& strings() {
        if (current == nullptr) {
            current = new table;
            if (ended) {
                current->abandoned = true; // a destructor of a static interns: nobody will come to clean up
            } else {
                ended = true;
                static thread_local const owner cleaner{current};
                (void)cleaner;
            }
        }
        return *current;
    }
    static ref<entry> find(std::string_view text) {
        table& home = strings();
        if (const auto found = home.strings.find(text); found != home.strings.end()) return ref_to(*found->second);
        ref<entry> made = make<entry>(text, &home);
        home.strings.emplace(made->text, made.get());
        return made;
    }

    ref<entry> entry_;
};

// An entry leads nowhere, and garbage's strings keep their text for its destructors.
template <>
inline constexpr bool holds_no_references<interned> = true;

} // namespace krait

template <>
struct std::hash<krait::interned> {
    std::size_t operator()(const krait::interned& text) const noexcept { return text.hash(); }
};
