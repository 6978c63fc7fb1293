#include "compare/environment.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace krait::tools;
using found = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("only what bears on memory is told of an environment") {
    const std::array<const char*, 8> environment{"PYTHONMALLOC=malloc",
                                                 "AWS_SECRET_ACCESS_KEY=hunter2",
                                                 "PATH=/bin",
                                                 "MALLOC_ARENA_MAX=2",
                                                 "KRAIT_RETAIN=1M=x",
                                                 "MALLOCATOR=1",
                                                 "GOGC",
                                                 nullptr};
    CHECK(memory_environment(environment.data()) ==
          found{{"GOGC", ""}, {"KRAIT_RETAIN", "1M=x"}, {"MALLOC_ARENA_MAX", "2"}, {"PYTHONMALLOC", "malloc"}});
}

TEST_CASE("secrets and home folders stay untold") {
    const std::array<const char*, 4> environment{
        "KRAIT_API_TOKEN=hunter2", "LD_LIBRARY_PATH=/home/ada/lib:/home/adam:/home/ada", "HOME=/home/ada", nullptr};
    CHECK(memory_environment(environment.data()) ==
          found{{"KRAIT_API_TOKEN", "(set)"}, {"LD_LIBRARY_PATH", "~/lib:/home/adam:~"}});
}
