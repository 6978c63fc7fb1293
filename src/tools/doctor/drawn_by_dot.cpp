#include "doctor/drawn_by_dot.hpp"

#include "failure.hpp"
#include "program.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace krait::tools {

namespace {

struct closes {
    void operator()(FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<FILE, closes>;

} // namespace

void require_graphviz() {
    if (find_program("dot", std::getenv("PATH")).empty())
        fail("--svg is drawn by graphviz, which is not here: `apt install graphviz`, or take --dot");
}

std::string drawn_by_dot(const std::string& graph) {
    require_graphviz();
    const open_file from(std::tmpfile()), to(std::tmpfile());
    if (from == nullptr || to == nullptr) fail("cannot make a temporary file: {}", std::strerror(errno));
    std::fwrite(graph.data(), 1, graph.size(), from.get());
    std::fflush(from.get());
    std::rewind(from.get());
    const pid_t child = fork();
    if (child == 0) {
        dup2(fileno(from.get()), STDIN_FILENO);
        dup2(fileno(to.get()), STDOUT_FILENO);
        execlp("dot", "dot", "-Tsvg", nullptr);
        _exit(status_not_found);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0 || status != 0) fail("graphviz's dot could not draw the graph");
    std::string svg;
    std::array<char, 65536> piece;
    std::rewind(to.get());
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), to.get())) svg.append(piece.data(), got);
    return svg;
}

} // namespace krait::tools
