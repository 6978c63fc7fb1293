// A front end: expressions are parsed into trees, rewritten, printed and dropped, file after file. One node is one
// block, names are strings, calls have vectors of arguments.
#include <charconv>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

constexpr int files = 100, statements = 2'000, depth = 5;

struct node {
    enum class kind { number, name, binary, call } what;
    std::string text; // name, operator or number
    std::vector<std::unique_ptr<node>> children;
};
using tree = std::unique_ptr<node>;

tree made(node::kind what, std::string_view text) { return std::make_unique<node>(node{what, std::string(text), {}}); }

// expression = number | name | name "(" expression { "," expression } ")" | "(" expression operator expression ")"
class parser {
  public:
    explicit parser(std::string_view text) : rest_(text) {}

    tree expression() {
        if (rest_.front() == '(') return binary();
        std::size_t length = rest_.find_first_of("(),+*-");
        if (length == std::string_view::npos) length = rest_.size();
        const std::string_view word = rest_.substr(0, length);
        rest_.remove_prefix(length);
        if (word.front() >= '0' && word.front() <= '9') return made(node::kind::number, word);
        if (rest_.empty() || rest_.front() != '(') return made(node::kind::name, word);
        return call(word);
    }

  private:
    tree binary() {
        rest_.remove_prefix(1);
        tree left = expression();
        tree found = made(node::kind::binary, rest_.substr(0, 1));
        rest_.remove_prefix(1);
        found->children.push_back(std::move(left));
        found->children.push_back(expression());
        rest_.remove_prefix(1);
        return found;
    }

    tree call(std::string_view name) {
        tree found = made(node::kind::call, name);
        do {
            rest_.remove_prefix(1);
            found->children.push_back(expression());
        } while (rest_.front() == ',');
        rest_.remove_prefix(1);
        return found;
    }

    std::string_view rest_;
};

void write_random(std::string& text, std::mt19937& random, int levels) {
    const auto choice = random() % 10;
    if (levels == 0 || choice < 2) {
        text += choice % 2 == 0 ? std::to_string(random() % 100)
                                : "a_name_of_some_length_" + std::to_string(random() % 200);
    } else if (choice < 7) {
        text += '(';
        write_random(text, random, levels - 1);
        text += "+*-"[random() % 3];
        write_random(text, random, levels - 1);
        text += ')';
    } else {
        text += "function" + std::to_string(random() % 50);
        char before = '(';
        for (unsigned i = 0; i < 1 + random() % 3; ++i, before = ',') {
            text += before;
            write_random(text, random, levels - 1);
        }
        text += ')';
    }
}

// Constants are folded, and calls of some functions are replaced by a copy of their argument.
tree rewritten(tree old);

tree copy_of(const node& original) {
    tree copy = made(original.what, original.text);
    for (const tree& child : original.children) copy->children.push_back(copy_of(*child));
    return copy;
}

long value_of(const node& number) {
    long value = 0;
    std::from_chars(number.text.data(), number.text.data() + number.text.size(), value);
    return value;
}

tree rewritten(tree old) {
    for (tree& child : old->children) child = rewritten(std::move(child));
    if (old->what == node::kind::binary && old->text == "+" && old->children[0]->what == node::kind::number &&
        old->children[1]->what == node::kind::number)
        return made(node::kind::number, std::to_string(value_of(*old->children[0]) + value_of(*old->children[1])));
    if (old->what == node::kind::call && old->children.size() == 1) return copy_of(*old->children[0]);
    return old;
}

void count_names(const node& one, std::unordered_map<std::string, int>& uses) {
    if (one.what == node::kind::name) ++uses[one.text];
    for (const tree& child : one.children) count_names(*child, uses);
}

} // namespace

int main() {
    std::mt19937 random(1);
    std::unordered_map<std::string, int> uses;
    for (int file = 0; file < files; ++file) {
        std::vector<tree> parsed;
        for (int i = 0; i < statements; ++i) {
            std::string text;
            write_random(text, random, depth);
            parsed.push_back(parser(text).expression());
        }
        for (tree& one : parsed) one = rewritten(std::move(one));
        for (const tree& one : parsed) count_names(*one, uses);
    }
    std::printf("%zu\n", uses.size());
}
