#include "compare/cases.hpp"

#include "failure.hpp"

#include <cctype>
#include <cstring>
#include <sstream>
#include <string_view>

namespace krait::tools {

namespace {

struct given_values {
    std::string name;
    std::vector<std::string> values;
};

given_values read_values(const std::string& text) {
    const std::size_t equals = text.find('=');
    given_values made{text.substr(0, equals), {}};
    if (equals != std::string::npos) {
        std::istringstream values(text.substr(equals + 1));
        for (std::string each; std::getline(values, each, ',');) made.values.push_back(each);
    }
    if (made.name.empty() || made.values.empty())
        fail("--with {}: give a name and its values, as in n=1000,10000", text);
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

std::string joined_words(const std::vector<std::string>& words) {
    constexpr std::size_t most = 40; // of a label
    const std::string all = fmt::format("{}", fmt::join(words, " "));
    return all.size() <= most ? all : all.substr(0, most - 3) + "...";
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
            fail("--and '{}': {} is the shell's: quote it, or give sh -c '...'", command, c);
        if (!in_word) words.emplace_back();
        in_word = true;
        if (c == quote)
            quote = 0;
        else if (quote == 0 && (c == '\'' || c == '"'))
            quote = c;
        else if (c == '\\' && quote != '\'' && i + 1 < command.size())
            words.back() += command[++i];
        else
            words.back() += c;
    }
    if (quote != 0) fail("--and '{}': the quote {} does not end", command, quote);
    if (words.empty()) fail("--and '{}': name a command", command);
    return words;
}

std::vector<compared_command> compared_commands(const std::vector<std::vector<std::string>>& commands,
                                                const std::string& driver, const std::vector<std::string>& given) {
    std::vector<compared_command> made;
    for (const auto& words : commands) made.push_back({commands.size() > 1 ? joined_words(words) : "", words, driver});
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
        if (!any) fail("--with {}: {{{}}} stands neither in a command nor in the driver", text, each.name);
        made = std::move(next);
    }
    for (std::size_t i = 0; i < made.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (made.size() > 1 && made[i].label == made[j].label)
                fail("{} is asked for twice: once is enough, more runs come with --runs", made[i].label);
    return made;
}

} // namespace krait::tools
