#include "compare/allocator.hpp"
#include "failure.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;
using Catch::Contains;

TEST_CASE("allocators are found by name and by path") {
    const auto found = find_allocators("glibc,mine=/bin/sh");
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "glibc");
    CHECK(found[0].is_libc);
    CHECK(found[0].library.filename() == "libc.so.6");
    CHECK(found[1].name == "mine");
    CHECK(found[1].library == std::filesystem::canonical("/bin/sh"));
    CHECK_FALSE(found[1].is_libc);
}

TEST_CASE("an allocator may have variables of its own, so that two ways of one stand side by side") {
    const auto found = find_allocators("glibc,tuned=glibc:KRAIT_LARGE=own:A=b=c");
    REQUIRE(found.size() == 2);
    CHECK(found[0].settings.empty());
    CHECK(found[1].name == "tuned");
    CHECK(found[1].is_libc);
    CHECK(found[1].settings == std::vector<std::pair<std::string, std::string>>{{"KRAIT_LARGE", "own"}, {"A", "b=c"}});
    CHECK_THROWS_WITH(find_allocators("x=glibc:KRAIT_LARGE"), Contains("KRAIT_LARGE: give a variable as NAME=value"));
    CHECK_THROWS_WITH(find_allocators("x=bogus:A=b"), Contains("bogus is not an allocator known here"));
}

TEST_CASE("what is not there is named, with what to do") {
    CHECK_THROWS_WITH(find_allocators("bogus"), Contains("bogus is not an allocator known here: take one of glibc"));
    CHECK_THROWS_WITH(find_allocators("a=/none.so"), Contains("/none.so: there is no such library"));
    CHECK_THROWS_WITH(find_allocators("glibc,glibc"), Contains("names glibc twice"));
    CHECK_THROWS_AS(find_allocators(""), failure);
    CHECK_THROWS_AS(find_allocators("a="), failure);
}

TEST_CASE("an allocator comes before what is preloaded already, the C library after it") {
    const allocator other{.name = "x", .library = "/x.so"};
    const allocator libc{.name = "glibc", .library = "/libc.so.6", .is_libc = true};
    CHECK(preload_for(other, nullptr) == "/x.so");
    CHECK(preload_for(other, "/faketime.so") == "/x.so:/faketime.so");
    CHECK(preload_for(libc, nullptr) == "/libc.so.6");
    CHECK(preload_for(libc, "/faketime.so") == "/faketime.so:/libc.so.6");
}
