#include "commands.hpp"
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
