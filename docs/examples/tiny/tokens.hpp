// tiny's tokens: words, numbers, texts and operators, and the ends and indents of lines.
//
//   a text that is written f'...' is a token of its own kind: its fields are parsed later
#pragma once

#include <cctype>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tiny {

enum class token_kind { word, number, text, formatted, op, newline, indent, dedent, end };
struct token {
    token_kind kind;
    std::string text;
    int line;
};

[[noreturn]] inline void fail_syntax(int line, const std::string& what) {
    throw std::runtime_error("line " + std::to_string(line) + ": " + what);
}

class tokenizer {
  public:
    explicit tokenizer(std::string_view source) : rest_(source) {}

    std::vector<token> all() {
        while (!rest_.empty()) line();
        add(token_kind::newline, "");
        for (; indents_.size() > 1; indents_.pop_back()) add(token_kind::dedent, "");
        add(token_kind::end, "");
        return std::move(tokens_);
    }

  private:
    void add(token_kind kind, std::string text) { tokens_.push_back({kind, std::move(text), line_}); }
    char next() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '\n') ++line_;
        return c;
    }
    // One line: its indentation, if no bracket is open, and its tokens.
    void line() {
        std::size_t indent = 0;
        while (!rest_.empty() && rest_.front() == ' ') next(), ++indent;
        if (rest_.empty()) return;
        if (rest_.front() == '\n' || rest_.front() == '#') return skip_line();
        if (indent > indents_.back()) {
            indents_.push_back(indent);
            add(token_kind::indent, "");
        }
        for (; indent < indents_.back(); indents_.pop_back()) add(token_kind::dedent, "");
        int open = 0;
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '\n') {
                next();
                if (open == 0) break;
            } else if (c == ' ') {
                next();
            } else if (c == '#') {
                while (!rest_.empty() && rest_.front() != '\n') next();
            } else {
                one(open);
            }
        }
        add(token_kind::newline, "");
    }
    void skip_line() {
        while (!rest_.empty() && next() != '\n') {
        }
    }
    void one(int& open) {
        const char c = rest_.front();
        const auto is_word = [](char w) { return std::isalnum(static_cast<unsigned char>(w)) != 0 || w == '_'; };
        if (c == '\'' || c == '"') return text(token_kind::text);
        if (c == 'f' && rest_.size() > 1 && (rest_[1] == '\'' || rest_[1] == '"')) {
            next();
            return text(token_kind::formatted);
        }
        if (is_word(c)) {
            const bool number = std::isdigit(static_cast<unsigned char>(c)) != 0;
            std::string word;
            while (!rest_.empty() && (is_word(rest_.front()) || (number && rest_.front() == '.'))) word += next();
            return add(number ? token_kind::number : token_kind::word, word);
        }
        for (const std::string_view op : {"**=", "//=", "<<=", ">>=", "**", "//", "<<", ">>", "==", "!=",
                                          "<=",  ">=",  "+=",  "-=",  "*=", "/=", "%=", "|=", "&=", "^="})
            if (rest_.starts_with(op)) {
                rest_.remove_prefix(op.size());
                return add(token_kind::op, std::string(op));
            }
        open += c == '(' || c == '[' || c == '{';
        open -= c == ')' || c == ']' || c == '}';
        add(token_kind::op, std::string(1, next()));
    }
    void text(token_kind kind) {
        const char quote = next();
        std::string out;
        while (!rest_.empty() && rest_.front() != quote) {
            char c = next();
            if (c == '\\') {
                c = next();
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
            }
            out += c;
        }
        if (rest_.empty()) fail_syntax(line_, "unterminated string literal");
        next();
        add(kind, out);
    }

    std::string_view rest_;
    int line_ = 1;
    std::vector<std::size_t> indents_{0};
    std::vector<token> tokens_;
};

} // namespace tiny
