#include "program.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <fstream>

using namespace krait::tools;
namespace fs = std::filesystem;

namespace {

// A script of this text, gone at the end of the scope.
struct script {
    fs::path path;
    explicit script(const std::string& text) {
        std::string name = fs::temp_directory_path() / "krait-script-XXXXXX";
        const int fd = mkstemp(name.data());
        REQUIRE(fd >= 0);
        close(fd);
        path = name;
        std::ofstream(path) << text;
        fs::permissions(path, fs::perms::owner_all);
    }
    ~script() { fs::remove(path); }
};

} // namespace

TEST_CASE("a program is found as execvp finds it") {
    CHECK(find_program("sh", "/nowhere:/bin") == "/bin/sh");
    CHECK(find_program("sh", nullptr) == "/bin/sh");
    CHECK(find_program("sh", "/nowhere").empty());
    CHECK(find_program("/bin/sh", "") == "/bin/sh");
    CHECK(find_program("/etc/passwd", "").empty());
    CHECK(find_program("/etc", "").empty());
}

TEST_CASE("programs that a preloaded malloc would not reach are told apart") {
    CHECK(why_preload_is_void("/bin/sh").empty());
    CHECK(why_preload_is_void("/sbin/ldconfig") == "is statically linked");
    CHECK(why_preload_is_void("/no/such/file").empty());
    CHECK(why_preload_is_void(script("#!/bin/sh\n").path).empty());
    CHECK(why_preload_is_void(script("#! /sbin/ldconfig -p\n").path) == "is statically linked");
    CHECK(why_preload_is_void(script("#!/usr/bin/env -S LANG=C ldconfig\n").path) ==
          (find_program("ldconfig", std::getenv("PATH")).empty() ? "" : "is statically linked"));
}

TEST_CASE("a program that exports malloc is told") {
    CHECK(why_preload_is_void(OWN_MALLOC_PROGRAM) == "brings its own malloc");
}
