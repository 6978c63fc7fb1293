// How the values of a call are sorted into places.
#pragma once

#include <algorithm>

#include <krait/object/make.hpp>
#include <krait/object/value/signature.hpp>

namespace krait {

KRAIT_OBJECT_DECL signature::signature(std::vector<str> parameters, std::vector<object> defaults, bool rest, bool more)
    : names_(std::move(parameters)), defaults_(std::move(defaults)), rest_(rest), more_(more) {
    for (str& name : names_) name = intern(name);
}
KRAIT_OBJECT_DECL std::vector<object> signature::sorted(const str& function, arguments given) const {
    std::vector<object> places(size());
    const std::size_t count = names_.size(), by_position = std::min(count, given.size());
    for (std::size_t i = 0; i < by_position; ++i) places[i] = given[i];
    if (more_) places.back() = dict();
    for (const named& n : given.by_name()) {
        const std::size_t i = place_of(n.name);
        if (i == count && !more_) fail(function, "got an unexpected keyword argument '" + n.name.utf8() + "'");
        if (i == count)
            dict::of(places.back()).set(n.name, n.value);
        else if (places[i])
            fail(function, "got multiple values for argument '" + n.name.utf8() + "'");
        else
            places[i] = n.value;
    }
    if (rest_)
        places[count] = tuple(given.data() + by_position, given.size() - by_position);
    else if (given.size() > count)
        fail_many(function, given.size());
    const std::size_t least = count - defaults_.size();
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < count; ++i) {
        if (places[i]) continue;
        if (i < least)
            missing.push_back("'" + names_[i].utf8() + "'");
        else
            places[i] = defaults_[i - least];
    }
    if (!missing.empty()) fail_few(function, missing);
    return places;
}
KRAIT_OBJECT_DECL std::size_t signature::place_of(const str& name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
        if (names_[i].is(name) || names_[i] == name) return i;
    return names_.size();
}
KRAIT_OBJECT_DECL void signature::fail(const str& function, const std::string& what) {
    throw type_error(function.utf8() + "() " + what);
}
KRAIT_OBJECT_DECL void signature::fail_many(const str& function, std::size_t given) const {
    const std::size_t most = names_.size();
    std::string range = std::to_string(most);
    if (!defaults_.empty()) range = "from " + std::to_string(most - defaults_.size()) + " to " + range;
    fail(function, "takes " + range + " positional argument" + (most == 1 && defaults_.empty() ? "" : "s") + " but " +
                       std::to_string(given) + (given == 1 ? " was given" : " were given"));
}
KRAIT_OBJECT_DECL void signature::fail_few(const str& function, const std::vector<std::string>& missing) {
    std::string list;
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (i != 0) list += i + 1 < missing.size() ? ", " : missing.size() == 2 ? " and " : ", and ";
        list += missing[i];
    }
    fail(function, "missing " + std::to_string(missing.size()) + " required positional argument" +
                       (missing.size() == 1 ? ": " : "s: ") + list);
}

namespace detail {

// Its closure: the signature, and the function that gets the sorted values.
inline object call_sorted(const callable& self, arguments given) {
    const tuple parts = tuple::of(self.closure());
    const auto& parameters = *static_cast<const signature*>(parts[0].get());
    const std::vector<object> sorted = parameters.sorted(self.name(), given);
    return callable::of(parts[1])(arguments(sorted));
}

} // namespace detail

KRAIT_OBJECT_DECL callable function_with(std::string_view name, signature parameters, native code, object closure) {
    return callable::with_names(
        name, detail::call_sorted,
        tuple{make<signature>(std::move(parameters)), callable(name, code, std::move(closure))});
}

} // namespace krait
