// tiny's syntax: tokens -> a tree of nodes.
//
//   node     kind, a name or operator, a constant, children; trees live as long as the program
#pragma once

#include <cstdint>
#include <memory>

#include <krait/object/value.hpp>

#include "tokens.hpp"

namespace tiny {

enum class node_kind {
    // expressions
    constant,
    name,
    attribute,
    index,
    slice,
    call,
    binary,
    compare,
    logical_and,
    logical_or,
    logical_not,
    negate,
    invert,
    ternary,
    lambda,
    list,
    tuple,
    dict,
    set,
    comprehension,
    formatted,
    starred,
    named, // of a call, its name in names
    yield,
    // statements
    block,
    expression,
    assign,
    augmented,
    if_,
    while_,
    for_,
    def,
    class_,
    return_,
    break_,
    continue_,
    pass,
    del,
    outer,
    raise,
    try_,
    handler,
    import
};
struct node {
    node_kind kind;
    int line;
    std::string text;      // operator, keyword
    krait::object value{}; // constant, or the name as a string
    std::vector<std::unique_ptr<node>> kids{};
    std::vector<krait::str> names{};      // parameters, the names of global and nonlocal, of a named argument
    std::vector<std::string> operators{}; // of a comparison
    bool yields = false;                  // a def that is a generator

    const krait::str& name() const noexcept { return static_cast<const krait::str&>(value); } // a str adds nothing
    const node& operator[](std::size_t i) const { return *kids[i]; }
};
using tree = std::unique_ptr<node>;

class parser {
  public:
    explicit parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

    tree program() {
        tree all = make(node_kind::block);
        while (!is(token_kind::end)) statement(*all);
        return all;
    }

  private:
    const token& here() const { return tokens_[at_]; }
    bool is(token_kind kind) const { return here().kind == kind; }
    bool is(const char* text) const { return (is(token_kind::op) || is(token_kind::word)) && here().text == text; }
    bool take(const char* text) {
        if (!is(text)) return false;
        ++at_;
        return true;
    }
    void expect(const char* text) {
        if (!take(text)) fail_syntax(here().line, std::string("expected '") + text + "' and not '" + here().text + "'");
    }
    void expect(token_kind kind) {
        if (!is(kind)) fail_syntax(here().line, "invalid syntax at '" + here().text + "'");
        ++at_;
    }
    std::string word() {
        const std::string text = here().text;
        expect(token_kind::word);
        return text;
    }
    template <class... K>
    tree make(node_kind kind, std::string text = {}, K... kids) const {
        auto made = std::make_unique<node>(node{kind, here().line, std::move(text)});
        (made->kids.push_back(std::move(kids)), ...);
        return made;
    }
    tree named(node_kind kind, const std::string& name) const {
        tree made = make(kind);
        made->value = krait::intern(krait::str(name));
        return made;
    }

    tree block() {
        expect(":");
        tree all = make(node_kind::block);
        if (!is(token_kind::newline)) {
            statement(*all);
            return all;
        }
        expect(token_kind::newline);
        expect(token_kind::indent);
        while (!is(token_kind::dedent)) statement(*all);
        expect(token_kind::dedent);
        return all;
    }
    void statement(node& into) {
        if (tree compound = compound_statement()) {
            into.kids.push_back(std::move(compound));
            return;
        }
        do {
            if (is(token_kind::newline)) break;
            into.kids.push_back(simple_statement());
        } while (take(";"));
        expect(token_kind::newline);
    }
    tree compound_statement() {
        if (take("if")) return if_statement();
        if (take("while")) {
            tree condition = expression();
            return make(node_kind::while_, "", std::move(condition), block());
        }
        if (take("for")) {
            tree target = target_list();
            expect("in");
            tree over = expressions();
            return make(node_kind::for_, "", std::move(target), std::move(over), block());
        }
        if (take("def")) {
            tree def = named(node_kind::def, word());
            expect("(");
            parameters(*def, ")");
            const bool outer = std::exchange(yields_, false);
            def->kids.insert(def->kids.begin(), block());
            def->yields = std::exchange(yields_, outer);
            return def;
        }
        if (take("class")) {
            tree made = named(node_kind::class_, word());
            tree base = make(node_kind::pass);
            if (take("(")) {
                if (!is(")")) base = expression();
                expect(")");
            }
            made->kids.push_back(block());
            made->kids.push_back(std::move(base));
            return made;
        }
        if (take("try")) {
            tree made = make(node_kind::try_);
            made->kids.push_back(block());
            while (take("except")) {
                tree handler = make(node_kind::handler);
                tree type = is(":") ? make(node_kind::pass) : expression();
                if (take("as")) handler->names.push_back(krait::intern(krait::str(word())));
                handler->kids.push_back(block());
                handler->kids.push_back(std::move(type));
                made->kids.push_back(std::move(handler));
            }
            if (take("finally")) {
                made->text = "finally";
                made->kids.push_back(block());
            }
            return made;
        }
        return nullptr;
    }
    tree if_statement() {
        tree condition = expression();
        tree made = make(node_kind::if_, "", std::move(condition), block());
        if (take("elif"))
            made->kids.push_back(if_statement());
        else if (take("else"))
            made->kids.push_back(block());
        return made;
    }
    // Names, and defaults behind the body: as many as the last names. The text has r for *rest, m for **more.
    void parameters(node& def, const char* end) {
        while (!take(end)) {
            for (const char* stars : {"*", "**"})
                if (take(stars)) def.text += stars[1] == 0 ? "r" : "m";
            def.names.push_back(krait::intern(krait::str(word())));
            if (take("=")) def.kids.push_back(expression());
            if (!is(end)) expect(",");
        }
    }
    tree simple_statement() {
        if (take("pass")) return make(node_kind::pass);
        if (take("break")) return make(node_kind::break_);
        if (take("continue")) return make(node_kind::continue_);
        if (take("return"))
            return is(token_kind::newline) || is(";") ? make(node_kind::return_)
                                                      : make(node_kind::return_, "", expressions());
        if (take("raise"))
            return is(token_kind::newline) ? make(node_kind::raise) : make(node_kind::raise, "", expression());
        if (take("del")) return make(node_kind::del, "", target_list());
        if (is("global") || is("nonlocal")) {
            tree made = make(node_kind::outer, word());
            do made->names.push_back(krait::intern(krait::str(word())));
            while (take(","));
            return made;
        }
        if (take("import")) {
            tree made = make(node_kind::import);
            do made->names.push_back(krait::intern(krait::str(word())));
            while (take(","));
            return made;
        }
        tree first = expressions();
        for (const char* op : {"+=", "-=", "*=", "/=", "//=", "%=", "**=", "|=", "&=", "^=", "<<=", ">>="})
            if (take(op)) {
                std::string text(op);
                text.pop_back();
                return make(node_kind::augmented, text, std::move(first), expressions());
            }
        if (!is("=")) return make(node_kind::expression, "", std::move(first));
        tree made = make(node_kind::assign, "", std::move(first));
        while (take("=")) made->kids.push_back(expressions());
        return made; // targets, then the value
    }
    tree target_list() {
        return list_of([this] { return postfix(); });
    }
    tree expressions() {
        return list_of([this] { return expression(); });
    }
    template <class F>
    tree list_of(F&& one) {
        tree first = one();
        if (!is(",")) return first;
        tree all = make(node_kind::tuple, "", std::move(first));
        while (take(","))
            if (!is(token_kind::newline) && !is("=") && !is(")") && !is("in")) all->kids.push_back(one());
        return all;
    }

    tree expression() {
        if (take("yield")) {
            yields_ = true;
            return is(")") || is(token_kind::newline) ? make(node_kind::yield)
                                                      : make(node_kind::yield, "", expressions());
        }
        if (take("lambda")) {
            tree made = named(node_kind::lambda, "<lambda>");
            parameters(*made, ":");
            made->kids.insert(made->kids.begin(), expression());
            return made;
        }
        tree value = disjunction();
        if (!take("if")) return value;
        tree condition = disjunction();
        expect("else");
        return make(node_kind::ternary, "", std::move(condition), std::move(value), expression());
    }
    tree disjunction() {
        tree left = conjunction();
        while (take("or")) left = make(node_kind::logical_or, "", std::move(left), conjunction());
        return left;
    }
    tree conjunction() {
        tree left = inversion();
        while (take("and")) left = make(node_kind::logical_and, "", std::move(left), inversion());
        return left;
    }
    tree inversion() {
        if (take("not")) return make(node_kind::logical_not, "", inversion());
        return comparison();
    }
    std::string comparison_operator() {
        for (const char* op : {"==", "!=", "<=", ">=", "<", ">", "in"})
            if (take(op)) return op;
        if (take("is")) return take("not") ? "is not" : "is";
        if (is("not") && tokens_[at_ + 1].text == "in") {
            at_ += 2;
            return "not in";
        }
        return {};
    }
    // a < b < c: each with the next.
    tree comparison() {
        tree left = binary(0);
        std::string op = comparison_operator();
        if (op.empty()) return left;
        tree made = make(node_kind::compare, "", std::move(left));
        for (; !op.empty(); op = comparison_operator()) {
            made->kids.push_back(binary(0));
            made->operators.push_back(op);
        }
        return made;
    }
    // By precedence, the weakest first.
    tree binary(std::size_t level) {
        static const std::vector<std::vector<const char*>> levels{{"|"},        {"^"},      {"&"},
                                                                  {"<<", ">>"}, {"+", "-"}, {"*", "/", "//", "%"}};
        if (level == levels.size()) return factor();
        tree left = binary(level + 1);
        for (bool found = true; found;) {
            found = false;
            for (const char* op : levels[level])
                if (take(op)) {
                    left = make(node_kind::binary, op, std::move(left), binary(level + 1));
                    found = true;
                }
        }
        return left;
    }
    tree factor() {
        if (take("-")) return make(node_kind::negate, "", factor());
        if (take("~")) return make(node_kind::invert, "", factor());
        tree base = postfix();
        if (take("**")) return make(node_kind::binary, "**", std::move(base), factor());
        return base;
    }
    tree postfix() {
        tree value = atom();
        for (;;) {
            if (take(".")) {
                tree made = named(node_kind::attribute, word());
                made->kids.push_back(std::move(value));
                value = std::move(made);
            } else if (take("(")) {
                tree made = make(node_kind::call, "", std::move(value));
                while (!take(")")) {
                    argument(*made);
                    if (!is(")")) expect(",");
                }
                value = std::move(made);
            } else if (take("[")) {
                value = index_or_slice(std::move(value));
                expect("]");
            } else {
                return value;
            }
        }
    }
    // By position, by name, *values, **values.
    void argument(node& call) {
        const bool named =
            is(token_kind::word) && tokens_[at_ + 1].kind == token_kind::op && tokens_[at_ + 1].text == "=";
        if (named) {
            tree made = make(node_kind::named);
            made->names.push_back(krait::intern(krait::str(word())));
            expect("=");
            made->kids.push_back(expression());
            call.kids.push_back(std::move(made));
            return;
        }
        const char* const stars = take("**") ? "**" : take("*") ? "*" : "";
        tree value = expression();
        if (is("for")) value = comprehension(std::move(value), "list");
        call.kids.push_back(*stars != 0 ? make(node_kind::starred, stars, std::move(value)) : std::move(value));
    }
    tree index_or_slice(tree of) {
        const auto bound = [&] {
            const bool absent = is(":") || is("]");
            return absent ? constant(krait::None) : expressions();
        };
        tree first = bound();
        if (!take(":")) return make(node_kind::index, "", std::move(of), std::move(first));
        tree last = bound(), step = take(":") ? bound() : constant(krait::None);
        return make(node_kind::slice, "", std::move(of), std::move(first), std::move(last), std::move(step));
    }
    // f'...': texts and fields by turns; a field has its expression, and as text its conversion and format.
    tree formatted(const std::string& text) {
        tree made = make(node_kind::formatted);
        std::string plain;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            const bool twice = (c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c;
            if (c != '{' || twice) {
                plain += c;
                i += twice;
                continue;
            }
            const std::size_t close = text.find('}', i);
            if (close == text.npos) fail_syntax(here().line, "f-string: expecting '}'");
            std::size_t end = i + 1; // of the expression
            for (int open = 0;
                 end < close && (open > 0 || (text[end] != ':' && (text[end] != '!' || text[end + 1] == '='))); ++end)
                open += (text[end] == '[' || text[end] == '(') - (text[end] == ']' || text[end] == ')');
            made->kids.push_back(constant(krait::str(std::exchange(plain, {}))));
            tree field = make(node_kind::expression, text.substr(end, close - end));
            field->kids.push_back(parser(tokenizer(text.substr(i + 1, end - i - 1)).all()).expressions());
            made->kids.push_back(std::move(field));
            i = close;
        }
        made->kids.push_back(constant(krait::str(plain)));
        return made;
    }
    tree comprehension(tree item, const char* what, tree value = nullptr) {
        tree made = make(node_kind::comprehension, what, std::move(item));
        expect("for");
        made->kids.push_back(target_list());
        expect("in");
        made->kids.push_back(disjunction());
        made->kids.push_back(take("if") ? disjunction() : constant(krait::True));
        if (value) made->kids.push_back(std::move(value)); // of a dict
        return made;
    }
    tree constant(krait::object value) const {
        tree made = make(node_kind::constant);
        made->value = std::move(value);
        return made;
    }
    tree atom() {
        const token t = here();
        if (t.kind == token_kind::number) {
            ++at_;
            if (t.text.find('.') != t.text.npos) return constant(std::stod(t.text));
            return constant(krait::int_::parse(t.text));
        }
        if (t.kind == token_kind::text) {
            std::string text;
            for (; is(token_kind::text); ++at_) text += here().text;
            return constant(krait::intern(krait::str(text)));
        }
        if (t.kind == token_kind::formatted) {
            ++at_;
            return formatted(t.text);
        }
        if (take("(")) {
            if (take(")")) return make(node_kind::tuple);
            tree inner = expressions();
            if (is("for")) inner = comprehension(std::move(inner), "list");
            expect(")");
            return inner;
        }
        if (take("[")) {
            tree made = make(node_kind::list);
            while (!take("]")) {
                tree item = expression();
                if (is("for")) {
                    made = comprehension(std::move(item), "list");
                    expect("]");
                    return made;
                }
                made->kids.push_back(std::move(item));
                if (!is("]")) expect(",");
            }
            return made;
        }
        if (take("{")) {
            tree made = make(node_kind::dict);
            while (!take("}")) {
                tree item = expression(), value = take(":") ? expression() : nullptr;
                if (is("for")) {
                    const char* const what = value ? "dict" : "set";
                    made = comprehension(std::move(item), what, std::move(value));
                    expect("}");
                    return made;
                }
                made->kids.push_back(std::move(item));
                if (value)
                    made->kids.push_back(std::move(value));
                else
                    made->kind = node_kind::set;
                if (!is("}")) expect(",");
            }
            return made;
        }
        if (take("None")) return constant(krait::None);
        if (take("True")) return constant(krait::True);
        if (take("False")) return constant(krait::False);
        if (t.kind != token_kind::word) fail_syntax(t.line, "invalid syntax at '" + t.text + "'");
        ++at_;
        return named(node_kind::name, t.text);
    }

    std::vector<token> tokens_;
    std::size_t at_ = 0;
    bool yields_ = false;
};

} // namespace tiny
