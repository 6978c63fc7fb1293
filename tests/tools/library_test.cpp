#include "failure.hpp"
#include "library.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

using namespace krait::tools;
namespace fs = std::filesystem;

TEST_CASE("the library is looked for beside the command, then in the folders of an installation") {
    std::string name = fs::temp_directory_path() / "krait-library-XXXXXX";
    const fs::path tree = fs::canonical(mkdtemp(name.data()));
    fs::create_directories(tree / "bin");
    CHECK(find_library_beside(tree / "bin", "libkrait").empty());
    for (const char* folder : {"lib/" KRAIT_MULTIARCH, "lib", "bin"}) {
        fs::create_directories(tree / folder);
        std::ofstream(tree / folder / "libkrait.so");
        CHECK(find_library_beside(tree / "bin", "libkrait") == tree / folder / "libkrait.so");
    }
    fs::remove_all(tree);
}

TEST_CASE("LD_PRELOAD keeps what was there, krait's library first") {
    CHECK(preload_value("/a/libkrait.so", nullptr) == "/a/libkrait.so");
    CHECK(preload_value("/a/libkrait.so", "") == "/a/libkrait.so");
    CHECK(preload_value("/a/libkrait.so", "/b.so /c.so") == "/a/libkrait.so:/b.so /c.so");
    CHECK_THROWS_AS(preload_value("/with blank/libkrait.so", nullptr), failure);
    CHECK_THROWS_AS(preload_value("/with:colon/libkrait.so", nullptr), failure);
}
