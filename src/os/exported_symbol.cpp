#include "os/exported_symbol.hpp"

#include <cstring>

namespace krait::os {

namespace {

// What a file's dynamic section leads to. The loader has made most of its addresses those of the process.
struct dynamic_tables {
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
    const std::uint32_t* hashes = nullptr; // DT_GNU_HASH

    explicit dynamic_tables(const code_object& object) noexcept {
        for (const auto& segment : object.segments) {
            if (segment.p_type != PT_DYNAMIC) continue;
            const auto* each = reinterpret_cast<const ElfW(Dyn)*>(object.bias + segment.p_vaddr);
            for (; each->d_tag != DT_NULL; ++each) {
                std::uintptr_t address = each->d_un.d_ptr;
                if (!object.holds(address)) address += object.bias;
                if (!object.holds(address)) continue;
                if (each->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(address);
                if (each->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(address);
                if (each->d_tag == DT_GNU_HASH) hashes = reinterpret_cast<const std::uint32_t*>(address);
            }
        }
    }
};

std::uint32_t gnu_hash(std::string_view name) noexcept {
    std::uint32_t hash = 5381;
    for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
    return hash;
}

} // namespace

// The table: a head of four words, a filter, buckets with the first symbol of each, and chains of hashes whose lowest
// bit says that one is the last.
std::uintptr_t exported_symbol(const code_object& object, std::string_view name) noexcept {
    const dynamic_tables tables(object);
    if (tables.symbols == nullptr || tables.names == nullptr || tables.hashes == nullptr) return 0;
    const std::uint32_t bucket_count = tables.hashes[0], first = tables.hashes[1], filter_words = tables.hashes[2];
    if (bucket_count == 0) return 0;
    const std::uint32_t* const buckets = tables.hashes + 4 + filter_words * (sizeof(ElfW(Addr)) / 4);
    const std::uint32_t* const chains = buckets + bucket_count;
    const std::uint32_t wanted = gnu_hash(name);
    std::uint32_t at = buckets[wanted % bucket_count];
    if (at < first) return 0;
    for (;; ++at) {
        const std::uint32_t hash = chains[at - first];
        const ElfW(Sym)& symbol = tables.symbols[at];
        const char* const found = tables.names + symbol.st_name;
        if ((hash | 1U) == (wanted | 1U) && symbol.st_shndx != SHN_UNDEF &&
            std::strncmp(found, name.data(), name.size()) == 0 && found[name.size()] == '\0')
            return object.bias + symbol.st_value;
        if ((hash & 1U) != 0) return 0;
    }
}

} // namespace krait::os
