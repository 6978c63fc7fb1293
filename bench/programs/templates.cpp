// Given to the compiler, not run: what template-heavy C++ makes it allocate.
#include <algorithm>
#include <functional>
#include <map>
#include <ranges>
#include <regex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N>
struct numbered {
    std::map<std::string, std::vector<std::tuple<int, std::string, std::variant<int, double, std::string>>>> values;
    std::unordered_map<int, std::function<std::string(const std::string&)>> calls;

    std::string matched(const std::string& text) const {
        std::smatch found;
        return std::regex_search(text, found, std::regex("([a-z]+)([0-9]*)")) ? found.str(N % 3) : std::string();
    }

    int sum() const {
        int total = N;
        for (const auto& [name, entries] : values)
            for (int length : entries | std::views::filter([](const auto& e) { return std::get<0>(e) > N; }) |
                                  std::views::transform([](const auto& e) { return int(std::get<1>(e).size()); }))
                total += length;
        return total;
    }
};

template <int... N>
int all(std::integer_sequence<int, N...>) {
    std::tuple<numbered<N>...> made;
    return (std::get<N>(made).sum() + ... + int(std::get<0>(made).matched("abc12").size()));
}

int used() { return all(std::make_integer_sequence<int, 8>()); }
