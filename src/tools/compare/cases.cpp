#include "compare/cases.hpp"

#include "failure.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

namespace krait::tools {

namespace {

struct given_values {
    std::string name;
    std::vector<std::string> values;
};

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> sentence, Args&&... args) {
    throw failure(status_usage, fmt::format(sentence, std::forward<Args>(args)...));
}

given_values read_values(const std::string& text) {
    const std::size_t equals = text.find('=');
    given_values made{text.substr(0, equals), {}};
    for (std::size_t at = equals; at < text.size();) {
        const std::size_t end = std::min(text.find(',', at + 1), text.size());
        made.values.push_back(text.substr(at + 1, end - at - 1));
        at = end;
    }
    if (made.name.empty() || made.values.empty())
        refuse("--with {}: give a name and its values, as in n=1000,10000", text);
    if (std::ranges::count(made.values, "") != 0) refuse("--with {}: one of the values is empty", text);
    return made;
}

// Whether there was a place to replace.
bool replace_all(std::string& text, const std::string& place, const std::string& value) {
    bool any = false;
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size()) {
        text.replace(at, place.size(), value);
        any = true;
    }
    return any;
}

bool put_in(compared_command& into, const std::string& name, const std::string& value) {
    const std::string place = "{" + name + "}";
    bool any = replace_all(into.driver, place, value);
    for (std::string& word : into.words) any = replace_all(word, place, value) || any;
    return any;
}

// As a shell takes it for one word.
std::string shell_quoted(const std::string& word) {
    const bool plain = !word.empty() && std::ranges::none_of(word, [](unsigned char c) {
        return std::isspace(c) != 0 || std::strchr("|&;<>()`'\"\\$*?[", c) != nullptr;
    });
    if (plain) return word;
    std::string made = word;
    replace_all(made, "'", R"('\'')");
    return "'" + made + "'";
}

// Of a long command the start and the end, where its program and its input stand.
std::string label_of(const std::vector<std::string>& words) {
    constexpr std::size_t most = 40, kept = (most - 3) / 2;
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + shell_quoted(word);
    return all.size() <= most ? all : all.substr(0, kept) + "..." + all.substr(all.size() - (most - 3 - kept));
}

// What is different has labels that differ, too.
void number_equal_labels(std::vector<compared_command>& made) {
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto has_it = [&](const compared_command& other) { return other.label == made[i].label; };
        if (std::none_of(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(i), has_it)) continue;
        const std::string label = made[i].label;
        for (unsigned number = 2; std::ranges::count_if(made, has_it) > 1; ++number)
            made[i].label = fmt::format("{} ({})", label, number);
    }
}

} // namespace

std::vector<std::string> shell_words(const std::string& command) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (quote == 0 && blank) {
            in_word = false;
            continue;
        }
        if (quote == 0 && std::strchr("|&;<>()`", c) != nullptr)
            refuse("--and '{}': {} is the shell's: quote it, or give sh -c '...'", command, c);
        if (!in_word) words.emplace_back();
        in_word = true;
        if (c == quote)
            quote = 0;
        else if (quote == 0 && (c == '\'' || c == '"'))
            quote = c;
        else if (c == '\\' && quote != '\'' && i + 1 < command.size() &&
                 (quote == 0 || std::strchr("$`\"\\", command[i + 1]) != nullptr))
            words.back() += command[++i];
        else
            words.back() += c;
    }
    if (quote != 0) refuse("--and '{}': the quote {} does not end", command, quote);
    if (words.empty()) refuse("--and '{}': name a command", command);
    return words;
}

std::vector<compared_command> compared_commands(const std::vector<std::vector<std::string>>& commands,
                                                const std::string& driver, const std::vector<std::string>& given) {
    std::vector<compared_command> made;
    for (const auto& words : commands) made.push_back({commands.size() > 1 ? label_of(words) : "", words, driver});
    for (const std::string& text : given) {
        const given_values each = read_values(text);
        std::vector<compared_command> next;
        bool any = false;
        for (const compared_command& command : made) {
            for (const std::string& value : each.values) {
                compared_command with = command;
                if (!put_in(with, each.name, value)) { // it stays as it is, once
                    next.push_back(command);
                    break;
                }
                any = true;
                const bool stands_in_label = replace_all(with.label, "{" + each.name + "}", value);
                if (!stands_in_label)
                    with.label += fmt::format("{}{}={}", with.label.empty() ? "" : ", ", each.name, value);
                next.push_back(std::move(with));
            }
        }
        if (!any) refuse("--with {}: {{{}}} stands neither in a command nor in the driver", text, each.name);
        made = std::move(next);
    }
    for (std::size_t i = 0; i < made.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (made[i].words == made[j].words && made[i].driver == made[j].driver)
                refuse("{} is asked for twice: once is enough, more runs come with --runs", made[i].label);
    number_equal_labels(made);
    return made;
}

} // namespace krait::tools
