// Performs scripts of values_oracle.py on krait's values: an operation a line, its outcome a line.
//
// A table of slots has the values. An operation that fails prints Python's name for the error and what it says.
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

#include <krait/object/builtins.hpp>
#include <krait/object/graph.hpp>

using namespace krait;

namespace {

std::vector<object> table(12, None);
std::vector<weakref> weak_table(4);
const class_ kind("A");
graph::type_counts peaks, baseline;

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
    // A slot, @3, or a literal: i-5, f1.5, t and hexadecimal for text, b for bytes, n, T, F, and of others L(i1;n), U for
    // a tuple, D, S, Z for a frozenset, R(first;last;step). Unset if there is no more.
    object value() {
        const std::string w = word();
        of_slots |= w.starts_with('@');
        return value_of(w);
    }
    bool of_slots = false;
    static std::vector<object> items_of(const std::string& w) {
        std::vector<object> items;
        int depth = 0;
        std::string item;
        for (std::size_t i = 2; i < w.size(); ++i) {
            if ((w[i] == ';' || w[i] == ')') && depth == 0) {
                if (!item.empty()) items.push_back(value_of(item));
                item.clear();
                continue;
            }
            depth += w[i] == '(' ? 1 : w[i] == ')' ? -1 : 0;
            item += w[i];
        }
        return items;
    }
    static object container_of(const std::string& w) {
        const std::vector<object> items = items_of(w);
        return tuple(items.data(), items.size());
    }
    static object value_of(const std::string& w) {
        if (w.empty()) return {};
        const auto unhex = [&] {
            std::string out;
            for (std::size_t i = 1; i + 1 < w.size(); i += 2)
                out += static_cast<char>(std::stoi(w.substr(i, 2), nullptr, 16));
            return out;
        };
        switch (w[0]) {
        case '@':
            return table.at(std::stoul(w.substr(1)));
        case 'i':
            return int_::parse(w.substr(1));
        case 't':
            return str(unhex());
        case 'b':
            return bytes(unhex());
        case 'f':
            return std::strtod(w.c_str() + 1, nullptr);
        case 'L':
            return list_of(container_of(w));
        case 'U':
            return container_of(w);
        case 'D': {
            const dict made;
            const std::vector<object> items = items_of(w);
            for (std::size_t i = 0; i + 1 < items.size(); i += 2) made.set(items[i], items[i + 1]);
            return made;
        }
        case 'S':
        case 'Z': {
            const set made;
            for (const object& key : items_of(w)) made.add(key);
            return w[0] == 'S' ? object(made) : set_of(made, true);
        }
        case 'R': {
            const std::vector<object> b = items_of(w);
            return range(int_::to_int64(b[0]), int_::to_int64(b[1]), int_::to_int64(b[2]));
        }
        case 'T':
        case 'F':
            return w[0] == 'T';
        default:
            return None;
        }
    }
    // Values by position, then name=value.
    std::vector<named> by_name;
    object self; // of a method that is given it, too
    std::vector<object> values() {
        std::vector<object> all;
        for (std::string w; line >> std::ws && !line.eof();) {
            const auto at = line.tellg();
            line >> w;
            if (w == "self") {
                all.push_back(self);
                continue;
            }
            const std::size_t equals = w.find('=');
            line.clear();
            line.seekg(equals == w.npos ? at : at + static_cast<std::streamoff>(equals + 1));
            object v = value();
            if (equals == w.npos)
                all.push_back(v);
            else
                by_name.emplace_back(w.substr(0, equals), v);
        }
        return all;
    }
    slice bounds() {
        slice s;
        s.first = value();
        s.last = value();
        s.step = value();
        return s;
    }
    std::vector<object> slots() {
        std::vector<object> items;
        for (std::size_t i = 0; line >> i;) items.push_back(table.at(i));
        return items;
    }
};

// The types of which the scripts make objects. What belongs to the class is not theirs.
bool is_made(const std::string& type) {
    return type == "frozenset" || type == "list" || type == "dict" || type == "set" || type == "tuple" || type == "A";
}
std::string listed(graph::type_counts counts) {
    std::string text;
    for (const auto& [type, number] : counts)
        if (is_made(type) && number != 0) text += type + ' ' + std::to_string(number) + ' ';
    return text;
}
std::string types_of(const graph::objects& objects, bool only_tracked) {
    std::string text;
    std::map<std::string, std::size_t> counts;
    for (const auto& o : objects)
        if (!only_tracked || (gc::is_tracked(o) && is_made(type_of(object(o)).name())))
            ++counts[type_of(object(o)).name()];
    for (const auto& [type, number] : counts) text += type + ' ' + std::to_string(number) + ' ';
    return text;
}
std::string arrows_in(const std::string& dot) {
    std::size_t arrows = 0;
    for (std::size_t at = dot.find(" -> "); at != std::string::npos; at = dot.find(" -> ", at + 1)) ++arrows;
    for (std::size_t at = dot.find("dotted"); at != std::string::npos; at = dot.find("dotted", at + 1)) --arrows;
    return std::to_string(arrows);
}

using operation = std::string (*)(words&);

// A value computed from two slots, into a third.
template <object (*F)(const object&, const object&)>
std::string binary(words& w) {
    object& to = w.slot();
    const object &a = w.slot(), &b = w.slot();
    to = F(a, b);
    return repr(to);
}
// Puts a result into the slot; what is walked only once, as a list.
std::string keep(object& to, const object& result) {
    to = result.kind() == value_kind::iterator || result.kind() == value_kind::view ? object(list_of(result)) : result;
    return repr(to);
}
// sorted, min and the like: a function of one value.
using builtin = object (*)(const object& o);
const std::map<std::string, builtin> builtins{
    {"sorted", [](const object& o) -> object { return sorted(o); }},
    {"sorted_back", [](const object& o) -> object { return sorted(o, None, true); }},
    {"list", [](const object& o) -> object { return list_of(o); }},
    {"tuple", [](const object& o) -> object { return tuple_of(o); }},
    {"set", [](const object& o) -> object { return set_of(o); }},
    {"frozenset", [](const object& o) -> object { return set_of(o, true); }},
    {"reversed", [](const object& o) -> object { return reversed(o); }},
    {"enumerate", [](const object& o) -> object { return enumerate(o, 3); }},
    {"zip",
     [](const object& o) -> object {
         return zip(std::array<object, 2>{o, o});
     }},
    {"sum", [](const object& o) -> object { return sum(o); }},
    {"min", [](const object& o) -> object { return min(o); }},
    {"max", [](const object& o) -> object { return max(o); }},
    {"any", [](const object& o) -> object { return any(o); }},
    {"all", [](const object& o) -> object { return all(o); }},
    {"abs", [](const object& o) -> object { return absolute(o); }},
    {"invert", [](const object& o) -> object { return invert(o); }},
    {"int", [](const object& o) -> object { return to_int(o); }},
    {"float", [](const object& o) -> object { return to_float(o); }},
    {"round", [](const object& o) -> object { return round(o); }},
    {"round_1", [](const object& o) -> object { return round(o, 1); }},
    {"round_back", [](const object& o) -> object { return round(o, -2); }},
};
// Of these there is always one object, in CPython most of the time.
bool one_character(const object& o) {
    return (o.kind() == value_kind::string || o.kind() == value_kind::bytes) && len(o) == 1;
}
std::string truth_text(bool b) { return b ? "True" : "False"; }

const std::map<std::string, operation> operations{
    {"new",
     [](words&) -> std::string {
         table.assign(table.size(), None);
         weak_table.assign(weak_table.size(), weakref());
         gc::collect();
         peaks.clear();
         graph::growth(graph::no_limit, peaks);
         baseline = graph::count_by_type();
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
    {"call",
     [](words& w) {
         object& to = w.slot();
         const object self = w.value();
         const str name(w.word());
         const std::vector<object> given = w.values();
         return keep(to, call_method(self, name, arguments(given, w.by_name)));
     }},
    // As call, of a receiver that is told, too, and is shown afterwards.
    {"method",
     [](words& w) {
         const object self = w.self = w.value();
         const str name(w.word());
         const std::vector<object> given = w.values();
         std::string answer;
         try {
             object result = call_method(self, name, arguments(given, w.by_name));
             const bool itself = result.is(self) && !one_character(result);
             answer = keep(result, result) + (itself ? " itself" : "");
         } catch (const error& e) {
             answer = e.kind() + std::string(": ") + e.what();
         }
         return answer + " | " + repr(self);
     }},
    {"builtin",
     [](words& w) {
         object& to = w.slot();
         const builtin code = builtins.at(w.word());
         return keep(to, code(w.value()));
     }},
    {"operate",
     [](words& w) {
         object& to = w.slot();
         const std::string op = w.word();
         const object a = w.value(), b = w.value();
         const object result = operate(op, a, b);
         // Of slots nobody knows whether they are the same objects elsewhere.
         return keep(to, result) + (w.of_slots || op == "<<" || op == ">>" || a.is(b) || one_character(result) ? ""
                                    : result.is(a) ? " first"
                                    : result.is(b) ? " second"
                                                   : "");
     }},
    {"in_place",
     [](words& w) {
         object& to = w.slot();
         const std::string op = w.word();
         const object b = w.value();
         const object a = to;
         return keep(to, operate_in_place(op, a, b));
     }},
    {"range",
     [](words& w) {
         object& to = w.slot();
         const auto first = w.number(), last = w.number();
         return keep(to, range(first, last, w.number()));
     }},
    {"get_slice",
     [](words& w) {
         object& to = w.slot();
         const object of = w.value();
         return keep(to, getitem(of, w.bounds()));
     }},
    {"set_slice",
     [](words& w) {
         const object of = w.value();
         const slice at = w.bounds();
         setitem(of, at, w.value());
         return repr(of);
     }},
    {"del_slice",
     [](words& w) {
         const object of = w.value();
         delitem(of, w.bounds());
         return repr(of);
     }},
    {"get",
     [](words& w) {
         object& to = w.slot();
         const object of = w.value();
         return keep(to, getitem(of, w.value()));
     }},
    {"in",
     [](words& w) {
         const object of = w.value();
         return truth_text(contains(of, w.value()));
     }},
    {"format",
     [](words& w) {
         object& to = w.slot();
         const object o = w.value();
         return keep(to, str(format(o, str(w.value()).utf8())));
     }},
    {"percent",
     [](words& w) {
         object& to = w.slot();
         const object pattern = w.value();
         return keep(to, format_percent(str(pattern), w.value()));
     }},
    {"divmod",
     [](words& w) {
         object& to = w.slot();
         const object a = w.value();
         return keep(to, divmod(a, w.value()));
     }},
    {"methods",
     [](words& w) {
         std::string all;
         for (const std::string_view name : methods_of(w.value().kind())) (all += name) += ' ';
         return all;
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
    {"sizeof", [](words& w) { return std::to_string(getsizeof(w.value())); }},
    {"size", [](words& w) { return std::to_string(getsizeof(w.slot())); }},
    {"type", [](words& w) { return type_of(w.slot()).name(); }},
    {"tracked", [](words& w) { return truth_text(gc::is_tracked(w.slot())); }},
    {"count", [](words& w) { return std::to_string(getrefcount(w.slot())); }},
    {"graph_types",
     [](words&) {
         graph::type_counts counts = graph::count_by_type();
         for (const auto& [type, number] : baseline) counts[type] -= number;
         return listed(counts);
     }},
    {"graph_growth",
     [](words&) {
         gc::collect(); // objgraph does, here and below
         graph::type_counts deltas;
         for (const auto& row : graph::growth(graph::no_limit, peaks)) deltas[row.type] = row.delta;
         return listed(deltas);
     }},
    {"graph_leaking", [](words&) { return types_of(graph::leaking_objects(), true); }},
    {"graph_referents", [](words& w) { return types_of(graph::get_referents(w.slot()), false); }},
    {"graph_referrers", [](words& w) { return types_of(graph::get_referrers(w.slot()), true); }},
    {"graph_chain",
     [](words& w) {
         gc::collect();
         const object &from = w.slot(), &to = w.slot();
         const auto is_target = [&](const ref<void>& o) { return o.get() == to.get(); };
         return std::to_string(graph::find_ref_chain(from, is_target, {.max_depth = 20}).size());
     }},
    {"graph_back_chain",
     [](words& w) {
         gc::collect();
         const object &to = w.slot(), &from = w.slot();
         const auto is_source = [&](const ref<void>& o) { return o.get() == from.get(); };
         return std::to_string(graph::find_backref_chain(to, is_source, {.max_depth = 20}).size());
     }},
    {"graph_size", [](words& w) { return std::to_string(graph::asizeof(w.slot())); }},
    {"graph_arrows",
     [](words& w) {
         gc::collect();
         const auto filter = [](const ref<void>& o) { return object(o).kind() != value_kind::type; };
         return arrows_in(graph::show_refs(w.slot(), {.filter = filter}));
     }},
    {"graph_back_arrows",
     [](words& w) {
         gc::collect();
         const auto filter = [](const ref<void>& o) { return gc::is_tracked(o); };
         return arrows_in(graph::show_backrefs(w.slot(), {.too_many = 1000, .filter = filter}));
     }},
    {"collect", [](words& w) { return std::to_string(gc::collect(static_cast<int>(w.number()))); }},
};

} // namespace

int main() {
    gc::disable();
    kind.def("__repr__", [](const callable&, arguments) -> object { return str("A"); });
    for (std::string line; std::getline(std::cin, line);) {
        words w;
        w.line.str(line);
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
