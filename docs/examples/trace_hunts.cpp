// What docs/trace.md hunts for, three times over: growth in a server, a peak, and temporary allocations.
//   g++ -O2 -g docs/examples/trace_hunts.cpp -o hunts && krait trace --all -- ./hunts growth 2000
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

// A server that answers requests, and keeps the session of each visitor, for ever.
class server {
  public:
    void answer(int visitor) {
        session& of = session_of("visitor " + std::to_string(visitor));
        of.pages.push_back("/page/" + std::to_string(visitor % 7) + "/of/the/site");
        if (of.pages.size() > 4) of.pages.clear();
        const std::string body(2000, 'x');
        sent_ += body.size();
    }

  private:
    struct session {
        std::vector<std::string> pages;
        std::vector<char> buffer = std::vector<char>(1024);
    };

    session& session_of(const std::string& name) {
        std::unique_ptr<session>& known = sessions_[name];
        if (known == nullptr) known = std::make_unique<session>(); // never taken out
        return *known;
    }

    std::map<std::string, std::unique_ptr<session>> sessions_;
    std::size_t sent_ = 0;
};

void serve(int requests) {
    server one;
    for (int i = 0; i < requests; ++i) one.answer(i);
    std::_Exit(0); // as a server does that is stopped
}

// Sorts a copy of what it has already, where pointers would do.
std::vector<std::string> sorted_copy(const std::vector<std::string>& lines) {
    std::vector<std::string> copy = lines;
    std::sort(copy.begin(), copy.end());
    return copy;
}

void rank(int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) lines.push_back("line number " + std::to_string(i * 7919 % count) + " of the file");
    const std::string first = sorted_copy(lines).front();
    lines.resize(static_cast<std::size_t>(count / 10));
    std::cout << first << '\n';
}

// Looks words up by a std::string made for each.
std::size_t count_known(const std::vector<const char*>& words, int rounds) {
    const std::map<std::string, int> known{{"a word that is long enough", 1}, {"another word of that kind", 2}};
    std::size_t found = 0;
    for (int i = 0; i < rounds; ++i)
        for (const char* word : words) found += known.count(word);
    return found;
}

} // namespace

int main(int argc, char** argv) {
    const std::string hunt = argc > 1 ? argv[1] : "";
    const int size = argc > 2 ? std::atoi(argv[2]) : 1000;
    if (hunt == "growth") serve(size);
    if (hunt == "peak") rank(size);
    if (hunt == "temporary")
        std::cout << count_known({"a word that is long enough", "one that is not known here"}, size) << '\n';
    if (hunt.empty()) std::cerr << "usage: hunts growth|peak|temporary [SIZE]\n";
    return 0;
}
