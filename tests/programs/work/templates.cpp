// Heavy on the compiler: instantiations by the thousand, and much of the standard library.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <ranges>
#include <regex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <std::size_t N>
struct number {
    static constexpr std::size_t value = number<N - 1>::value + N % 7;
    std::tuple<std::array<int, N % 50>, std::string> held;
};
template <>
struct number<0> {
    static constexpr std::size_t value = 0;
};

template <std::size_t... I>
std::size_t sum_of(std::index_sequence<I...>) {
    return (number<I>::value + ... + 0);
}

template <std::size_t... I>
std::variant<std::integral_constant<std::size_t, I>...> pick(std::size_t i, std::index_sequence<I...>) {
    std::variant<std::integral_constant<std::size_t, I>...> result;
    ((i == I ? void(result.template emplace<I>()) : void()), ...);
    return result;
}

std::size_t use(const std::string& text) {
    std::map<std::string, std::vector<std::function<int(int)>>> table;
    table[text].push_back([](int i) { return i * 2; });
    std::unordered_map<int, std::string> names{{1, text}};
    const std::regex words("([a-z]+)-(\\d+)");
    auto lengths = names | std::views::values | std::views::transform(&std::string::size);
    return sum_of(std::make_index_sequence<250>()) + std::ranges::max(std::vector(lengths.begin(), lengths.end())) +
           std::visit([](auto i) { return i.value; }, pick(text.size(), std::make_index_sequence<40>())) +
           static_cast<std::size_t>(std::regex_match(text, words));
}
