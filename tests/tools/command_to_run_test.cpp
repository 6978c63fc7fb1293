#include "commands.hpp"
#include "compare/cases.hpp"
#include "failure.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;
using words = std::vector<std::string>;

namespace {

words parsed(words arguments, const words& rest) {
    CLI::App app;
    app.prefix_command();
    app.add_flag("-v");
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    return command_to_run(app, rest);
}

} // namespace

TEST_CASE("the command is what follows the dashes, or the first argument that is no option and all after it") {
    CHECK(parsed({"-v"}, {"--", "ls", "-l"}) == words{"ls", "-l"});
    CHECK(parsed({"-v", "ls", "-l", "-v"}, {}) == words{"ls", "-l", "-v"});
    CHECK(parsed({"git", "log"}, {"--", "file"}) == words{"git", "log", "--", "file"});
    CHECK(parsed({}, {"--", "-odd-name"}) == words{"-odd-name"});
    CHECK(parsed({}, {"--", "echo", "--", "x"}) == words{"echo", "--", "x"});
}

TEST_CASE("a missing command and an unknown option are errors") {
    CHECK_THROWS_AS(parsed({"-v"}, {}), failure);
    CHECK_THROWS_AS(parsed({}, {"--"}), failure);
    CHECK_THROWS_AS(parsed({"-x", "ls"}, {}), CLI::ExtrasError);
}

TEST_CASE("the words of a command are those of a shell that expands nothing") {
    CHECK(shell_words("  ls  -l\tx ") == words{"ls", "-l", "x"});
    CHECK(shell_words(R"(a 'b "c' "d 'e" f\ g "h\"i" '' {n} $x *)") ==
          words{"a", R"(b "c)", "d 'e", "f g", R"(h"i)", "", "{n}", "$x", "*"});
    CHECK(shell_words("a'b'\"c\"") == words{"abc"});
    CHECK(shell_words(R"("a\nb" a\nb "\$x\\")") == words{R"(a\nb)", "anb", R"($x\)"});
    CHECK_THROWS_WITH(shell_words("a | b"), "--and 'a | b': | is the shell's: quote it, or give sh -c '...'");
    CHECK_THROWS_WITH(shell_words("a 'b"), "--and 'a 'b': the quote ' does not end");
    CHECK_THROWS_WITH(shell_words(" "), "--and ' ': name a command");
}

TEST_CASE("each command is compared with each combination of values, under a label of its own") {
    const auto one = compared_commands({{"sort", "{n}"}}, "", {});
    REQUIRE(one.size() == 1);
    CHECK(one[0].label.empty());
    CHECK(one[0].words == words{"sort", "{n}"});

    const auto made = compared_commands({{"sort", "-{n}", "{m}{m}"}, {"ls"}}, "drive {m}", {"n=1,2", "m=x"});
    REQUIRE(made.size() == 3);
    CHECK(made[0].label == "sort -1 xx");
    CHECK(made[1].words == words{"sort", "-2", "xx"});
    CHECK(made[1].driver == "drive x");
    CHECK(made[2].words == words{"ls"});
    CHECK(made[2].label == "ls, m=x");
    CHECK(compared_commands({{"a", "{n}"}}, "", {"n=1,2"})[1].label == "n=2");
    CHECK(compared_commands({{"a", "{n}"}}, "", {"n={n},2"})[0].words == words{"a", "{n}"});

    const std::string folder = "/a-folder-with-a-long-name-that-fills-labels/";
    const auto alike = compared_commands({{"sh", "-c", "exit 0"},
                                          {"sh", "-c", "exit", "0"},
                                          {folder + "x y", folder, "1"},
                                          {folder + "x y", folder + folder, "1"}},
                                         "", {});
    CHECK(alike[0].label == "sh -c 'exit 0'");
    CHECK(alike[1].label == "sh -c exit 0");
    CHECK(alike[2].label == "'/a-folder-with-a-...hat-fills-labels/ 1");
    CHECK(alike[3].label == "'/a-folder-with-a-...hat-fills-labels/ 1 (2)");

    for (const char* const empty : {"n=1,", "n=,1", "n=1,,2", "n="})
        CHECK_THROWS_WITH(compared_commands({{"{n}"}}, "", {empty}),
                          "--with " + std::string(empty) + ": one of the values is empty");
    CHECK_THROWS_WITH(compared_commands({{"a"}}, "", {"n=1"}),
                      "--with n=1: {n} stands neither in a command nor in the driver");
    CHECK_THROWS_WITH(compared_commands({{"a"}}, "", {"n"}),
                      "--with n: give a name and its values, as in n=1000,10000");
    CHECK_THROWS_WITH(compared_commands({{"a"}, {"a"}}, "", {}),
                      "a is asked for twice: once is enough, more runs come with --runs");
}
