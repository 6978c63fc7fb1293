// tiny: an interpreter for a small language like Python, on krait's values. README.md says what it leaves out.
//
//     tiny FILE
#include <cstdio>
#include <fstream>
#include <sstream>

#include "builtins.hpp"

int main(int count, char** words) {
    if (count != 2) return std::fputs("usage: tiny FILE\n", stderr), 2;
    std::ifstream file(words[1]);
    if (!file) return std::fprintf(stderr, "tiny: cannot read %s\n", words[1]), 2;
    std::ostringstream source;
    source << file.rdbuf();
    krait::gc::set_threshold(700, 10, 10);
    try {
        tiny::define_exceptions();
        tiny::define_functions();
        tiny::define_modules();
        const std::string text = source.str();
        static const tiny::tree program = tiny::parser(tiny::tokenizer(text).all()).program();
        tiny::frame main{krait::make<tiny::scope>(), {}};
        tiny::run(*program, main);
        return 0;
    } catch (const tiny::thrown& t) {
        std::fprintf(stderr, "%s: %s\n", type_of(t.value).name().c_str(), krait::to_text(t.value).c_str());
    } catch (const krait::error& e) {
        std::fprintf(stderr, "%s: %s\n", e.kind(), e.what());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
    }
    return 1;
}
