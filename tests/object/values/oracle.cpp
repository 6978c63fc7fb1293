// Performs scripts of values_oracle.py on krait's values: an operation a line, its outcome a line.
//
// A table of slots has the values. An operation that fails prints Python's name for the error and what it says.
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

#include <krait/object/value.hpp>

using namespace krait;

namespace {

std::vector<object> table(12, None);
std::vector<weakref> weak_table(4);
const class_ kind("A");

// The words of a line, after the operation's name.
struct words {
    std::istringstream line;

    std::int64_t number() {
        std::int64_t n = 0;
        line >> n;
        return n;
    }
    std::string word() {
        std::string w;
        line >> w;
        return w;
    }
    // An x comes first: an empty text is a word, too.
    std::string text() {
        const std::string hex = word();
        std::string out;
        for (std::size_t i = 1; i + 1 < hex.size(); i += 2)
            out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        return out;
    }
    object& slot() { return table.at(static_cast<std::size_t>(number())); }
    std::vector<object> slots() {
        std::vector<object> items;
        for (std::size_t i = 0; line >> i;) items.push_back(table.at(i));
        return items;
    }
};

using operation = std::string (*)(words&);

// A value computed from two slots, into a third.
template <object (*F)(const object&, const object&)>
std::string binary(words& w) {
    object& to = w.slot();
    const object &a = w.slot(), &b = w.slot();
    to = F(a, b);
    return repr(to);
}
std::string truth_text(bool b) { return b ? "True" : "False"; }

const std::map<std::string, operation> operations{
    {"new",
     [](words&) -> std::string {
         table.assign(table.size(), None);
         weak_table.assign(weak_table.size(), weakref());
         gc::collect();
         return "";
     }},
    {"int",
     [](words& w) {
         object& to = w.slot();
         to = int_::parse(w.word());
         return repr(to);
     }},
    {"float",
     [](words& w) {
         object& to = w.slot();
         to = std::strtod(w.word().c_str(), nullptr);
         return repr(to);
     }},
    {"str",
     [](words& w) {
         object& to = w.slot();
         to = str(w.text());
         return repr(to);
     }},
    {"bytes",
     [](words& w) {
         object& to = w.slot();
         to = bytes(w.text());
         return repr(to);
     }},
    {"bool",
     [](words& w) {
         object& to = w.slot();
         to = w.number() != 0;
         return repr(to);
     }},
    {"none",
     [](words& w) {
         object& to = w.slot();
         to = None;
         return repr(to);
     }},
    {"list",
     [](words& w) {
         object& to = w.slot();
         const auto s = w.slots();
         to = list(s.data(), s.size());
         return repr(to);
     }},
    {"tuple",
     [](words& w) {
         object& to = w.slot();
         const auto s = w.slots();
         to = tuple(s.data(), s.size());
         return repr(to);
     }},
    {"dict",
     [](words& w) {
         w.slot() = dict();
         return std::string();
     }},
    {"set",
     [](words& w) {
         w.slot() = set();
         return std::string();
     }},
    {"instance",
     [](words& w) {
         w.slot() = kind();
         return std::string();
     }},
    {"copy",
     [](words& w) {
         object& to = w.slot();
         to = w.slot();
         return std::string();
     }},
    {"append",
     [](words& w) {
         const list l = list::of(w.slot());
         l.append(w.slot());
         return std::string();
     }},
    {"extend",
     [](words& w) {
         const list l = list::of(w.slot());
         l.extend(list::of(w.slot()));
         return std::string();
     }},
    {"insert",
     [](words& w) {
         const list l = list::of(w.slot());
         const auto at = w.number();
         l.insert(at, w.slot());
         return repr(l);
     }},
    {"pop",
     [](words& w) {
         object& to = w.slot();
         const list l = list::of(w.slot());
         to = l.pop(w.number());
         return repr(to);
     }},
    {"put",
     [](words& w) {
         const list l = list::of(w.slot());
         const auto at = w.number();
         l.set(at, w.slot());
         return repr(l);
     }},
    {"index",
     [](words& w) {
         object& to = w.slot();
         const object from = w.slot();
         const auto at = w.number();
         to = from.kind() == value_kind::list    ? list::of(from)[at]
              : from.kind() == value_kind::tuple ? tuple::of(from)[at]
                                                 : object(str(from)[at]);
         return repr(to);
     }},
    {"slice",
     [](words& w) {
         object& to = w.slot();
         const object from = w.slot();
         const auto first = w.number(), last = w.number();
         to = from.kind() == value_kind::list ? object(list::of(from).slice(first, last))
                                              : object(str(from).slice(first, last));
         return repr(to);
     }},
    {"set_item",
     [](words& w) {
         const dict d = dict::of(w.slot());
         const object key = w.slot();
         d[key] = w.slot();
         return std::to_string(d.size());
     }},
    {"get_item",
     [](words& w) {
         object& to = w.slot();
         const dict d = dict::of(w.slot());
         to = d.at(w.slot());
         return repr(to);
     }},
    {"del_item",
     [](words& w) {
         const dict d = dict::of(w.slot());
         d.erase(w.slot());
         return repr(d);
     }},
    {"clear",
     [](words& w) {
         dict::of(w.slot()).clear();
         return std::string();
     }},
    {"keys",
     [](words& w) {
         object& to = w.slot();
         to = dict::of(w.slot()).items();
         return repr(to);
     }},
    {"add_key",
     [](words& w) {
         const set s = set::of(w.slot());
         s.add(w.slot());
         return repr(s);
     }},
    {"discard",
     [](words& w) {
         const set s = set::of(w.slot());
         s.discard(w.slot());
         return repr(s);
     }},
    {"pop_key",
     [](words& w) {
         object& to = w.slot();
         to = set::of(w.slot()).pop();
         return repr(to);
     }},
    {"set_attribute",
     [](words& w) {
         const object o = w.slot();
         const str name(w.word());
         setattr(o, name, w.slot());
         return std::string();
     }},
    {"get_attribute",
     [](words& w) {
         object& to = w.slot();
         const object o = w.slot();
         to = getattr(o, w.word());
         return repr(to);
     }},
    {"del_attribute",
     [](words& w) {
         const object o = w.slot();
         delattr(o, w.word());
         return std::string();
     }},
    {"attributes",
     [](words& w) {
         object& to = w.slot();
         to = instance::of(w.slot()).dict();
         return repr(to);
     }},
    {"weak",
     [](words& w) {
         weakref& to = weak_table.at(static_cast<std::size_t>(w.number()));
         to = weakref(w.slot());
         return std::string();
     }},
    {"look", [](words& w) { return repr(weak_table.at(static_cast<std::size_t>(w.number()))()); }},
    {"intern",
     [](words& w) {
         object& to = w.slot();
         to = intern(str(w.slot()));
         return std::string();
     }},
    {"+", binary<add>},
    {"-", binary<subtract>},
    {"*", binary<multiply>},
    {"/", binary<divide>},
    {"//", binary<floordiv>},
    {"%", binary<modulo>},
    {"<",
     [](words& w) {
         const object &a = w.slot(), &b = w.slot();
         return truth_text(compare(a, b) < 0);
     }},
    {"==",
     [](words& w) {
         const object &a = w.slot(), &b = w.slot();
         return truth_text(a == b);
     }},
    {"is",
     [](words& w) {
         const object &a = w.slot(), &b = w.slot();
         return truth_text(a.is(b));
     }},
    {"truth", [](words& w) { return truth_text(truth(w.slot())); }},
    {"len", [](words& w) { return std::to_string(len(w.slot())); }},
    {"repr", [](words& w) { return repr(w.slot()); }},
    {"hash", [](words& w) { return std::to_string(hash(w.slot())); }},
    {"size", [](words& w) { return std::to_string(getsizeof(w.slot())); }},
    {"type", [](words& w) { return type_of(w.slot()).name(); }},
    {"tracked", [](words& w) { return truth_text(gc::is_tracked(w.slot())); }},
    {"count", [](words& w) { return std::to_string(getrefcount(w.slot())); }},
    {"collect", [](words& w) { return std::to_string(gc::collect(static_cast<int>(w.number()))); }},
};

} // namespace

int main() {
    gc::disable();
    kind.def("__repr__", [](const callable&, arguments) -> object { return str("A"); });
    for (std::string line; std::getline(std::cin, line);) {
        words w{std::istringstream(line)};
        const auto found = operations.find(w.word());
        if (found == operations.end()) {
            std::cerr << "unknown operation: " << line << '\n';
            return 1;
        }
        try {
            std::cout << found->second(w) << '\n';
        } catch (const error& e) {
            std::cout << e.kind() << ": " << e.what() << '\n';
        }
    }
}
