#include "os/loaded_library.hpp"

#include "os/each_library.hpp"

#include <string_view>

namespace krait::os {

// The table of .gnu.hash: a Bloom filter of all names, the first symbol of each bucket, and the hash of each symbol,
// whose lowest bit says that the bucket ends there.
struct loaded_library::gnu_hash {
    std::uint32_t bucket_count;
    std::uint32_t first_symbol;
    std::uint32_t filter_words;
    std::uint32_t filter_shift;

    static constexpr std::uint32_t word_bits = sizeof(ElfW(Addr)) * 8;

    const ElfW(Addr) * filter() const noexcept { return reinterpret_cast<const ElfW(Addr)*>(this + 1); }
    const std::uint32_t* buckets() const noexcept {
        return reinterpret_cast<const std::uint32_t*>(filter() + filter_words);
    }
    const std::uint32_t* chain() const noexcept { return buckets() + bucket_count; }

    bool may_have(std::uint32_t hash) const noexcept {
        ElfW(Addr) const word = filter()[hash / word_bits % filter_words];
        return (word >> (hash % word_bits) & word >> ((hash >> filter_shift) % word_bits) & 1) != 0;
    }
    static std::uint32_t of(const char* name) noexcept {
        std::uint32_t hash = 5381;
        for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
        return hash;
    }
};

// The table of .hash: the first symbol of each bucket, and the next of each symbol, 0 for none.
struct loaded_library::sysv_hash {
    std::uint32_t bucket_count;
    std::uint32_t symbol_count;

    const std::uint32_t* buckets() const noexcept { return reinterpret_cast<const std::uint32_t*>(this + 1); }
    const std::uint32_t* next() const noexcept { return buckets() + bucket_count; }

    static std::uint32_t of(const char* name) noexcept {
        std::uint32_t hash = 0;
        for (; *name != '\0'; ++name) {
            hash = (hash << 4) + static_cast<unsigned char>(*name);
            const std::uint32_t top = hash & 0xf0000000;
            hash = (hash ^ top >> 24) & ~top;
        }
        return hash;
    }
};

loaded_library::loaded_library(const dl_phdr_info& info) noexcept : base_(info.dlpi_addr), file_(info.dlpi_name) {
    // The loader made the dynamic section's addresses absolute, but for the kernel's own library.
    const auto table = [&]<class T>(const T*& found, std::uintptr_t where) {
        found = reinterpret_cast<const T*>(where < base_ ? base_ + where : where);
    };
    for (std::size_t i = 0; i < info.dlpi_phnum; ++i) {
        if (info.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
        const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(base_ + info.dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; ++entry) {
            switch (entry->d_tag) {
            case DT_SYMTAB:
                table(symbols_, entry->d_un.d_ptr);
                break;
            case DT_STRTAB:
                table(names_, entry->d_un.d_ptr);
                break;
            case DT_GNU_HASH:
                table(gnu_, entry->d_un.d_ptr);
                break;
            case DT_HASH:
                table(sysv_, entry->d_un.d_ptr);
                break;
            case DT_SONAME:
                own_name_ = entry->d_un.d_val;
                break;
            default:
                break;
            }
        }
    }
}

bool loaded_library::defines(std::uint32_t index, const char* name) const noexcept {
    ElfW(Sym) const& symbol = symbols_[index];
    return symbol.st_shndx != SHN_UNDEF && std::string_view(names_ + symbol.st_name) == name;
}

const ElfW(Sym) * loaded_library::find_by_gnu_hash(const char* name) const noexcept {
    const std::uint32_t hash = gnu_hash::of(name);
    if (!gnu_->may_have(hash)) return nullptr;
    std::uint32_t index = gnu_->buckets()[hash % gnu_->bucket_count];
    if (index < gnu_->first_symbol) return nullptr;
    for (;; ++index) {
        const std::uint32_t found = gnu_->chain()[index - gnu_->first_symbol];
        if ((found ^ hash) < 2 && defines(index, name)) return symbols_ + index;
        if ((found & 1) != 0) return nullptr;
    }
}

const ElfW(Sym) * loaded_library::find_by_sysv_hash(const char* name) const noexcept {
    std::uint32_t index = sysv_->buckets()[sysv_hash::of(name) % sysv_->bucket_count];
    for (; index != 0; index = sysv_->next()[index]) {
        if (defines(index, name)) return symbols_ + index;
    }
    return nullptr;
}

const ElfW(Sym) * loaded_library::find(const char* name) const noexcept {
    if (symbols_ == nullptr || names_ == nullptr) return nullptr;
    if (gnu_ != nullptr) return find_by_gnu_hash(name);
    return sysv_ != nullptr ? find_by_sysv_hash(name) : nullptr;
}

void* loaded_library::address_of(const char* name) const noexcept {
    const auto* const symbol = find(name);
    if (symbol == nullptr) return nullptr;
    return reinterpret_cast<void*>(symbol->st_shndx == SHN_ABS ? symbol->st_value : base_ + symbol->st_value);
}

void visit_libraries(library_visitor* visitor, void* argument) noexcept {
    struct call {
        library_visitor* visitor;
        void* argument;
    } made{visitor, argument};
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* given) {
            const auto& each = *static_cast<call*>(given);
            return each.visitor(*info, each.argument) ? 1 : 0;
        },
        &made);
}

bool is_in(const dl_phdr_info& info, const void* address) noexcept {
    const auto where = reinterpret_cast<std::uintptr_t>(address);
    for (std::size_t i = 0; i < info.dlpi_phnum; ++i) {
        const auto& segment = info.dlpi_phdr[i];
        if (segment.p_type == PT_LOAD && where - (info.dlpi_addr + segment.p_vaddr) < segment.p_memsz) return true;
    }
    return false;
}

loaded_library library_of(const void* address) noexcept {
    loaded_library found;
    each_library([&](const dl_phdr_info& info) noexcept {
        const bool is_here = is_in(info, address);
        if (is_here) found = loaded_library(info);
        return is_here;
    });
    return found;
}

void* first_definition(const char* name) noexcept {
    void* found = nullptr;
    each_library([&](const dl_phdr_info& info) noexcept {
        found = loaded_library(info).address_of(name);
        return found != nullptr;
    });
    return found;
}

} // namespace krait::os
