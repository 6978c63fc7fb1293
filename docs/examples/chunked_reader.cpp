// Out-of-core work: what a file holds, added up without ever having more of it in memory than one chunk and one line.
//
//     krait_chunked_reader FILE [BYTES A CHUNK]
//
//   chunks(file)   reads as it is asked; the file is closed when the generator goes, even half way
//     lines()        cuts chunks into lines; a line that goes on in the next chunk is kept until it ends
//       numbers()      the lines that are numbers
// Nothing is read before somebody asks for the first number, and no step knows of the others.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <krait/object/generator.hpp>

namespace {

struct closing {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

krait::generator<std::string_view> chunks(std::string name, std::size_t size) {
    const std::unique_ptr<std::FILE, closing> file(std::fopen(name.c_str(), "rb"));
    if (file == nullptr) co_return;
    std::vector<char> room(size);
    while (const std::size_t got = std::fread(room.data(), 1, room.size(), file.get()))
        co_yield std::string_view(room.data(), got);
}

krait::generator<std::string_view> lines(krait::generator<std::string_view> texts) {
    std::string begun; // of a line, in earlier chunks
    for (std::string_view rest : texts) {
        for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
            const std::string_view line = rest.substr(0, end);
            if (begun.empty()) {
                co_yield line;
            } else {
                begun += line;
                co_yield std::string_view(begun);
                begun.clear();
            }
        }
        begun += rest;
    }
    if (!begun.empty()) co_yield std::string_view(begun);
}

krait::generator<std::int64_t> numbers(krait::generator<std::string_view> texts) {
    for (const std::string_view text : texts) {
        std::int64_t n = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
        if (error == std::errc() && end == text.data() + text.size()) co_yield n;
    }
}

} // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    const std::size_t size = count > 2 ? std::strtoull(words[2], nullptr, 10) : 1 << 16;
    std::int64_t sum = 0, many = 0;
    for (const std::int64_t n : numbers(lines(chunks(words[1], size)))) {
        sum += n;
        ++many;
    }
    std::printf("%lld numbers, sum %lld\n", static_cast<long long>(many), static_cast<long long>(sum));
    for (const std::int64_t n : numbers(lines(chunks(words[1], size)))) {
        std::printf("first %lld\n", static_cast<long long>(n));
        break; // the rest of the file is not read
    }
}
