// bytes: |head| size 8 | hash 8 | bytes, one 0 |: 33 bytes and the contents. b'' and the 256 single bytes exist once.
#pragma once

#include <krait/object/value/str.hpp>

namespace krait {
namespace detail {

struct bytes_body {
    std::int64_t size;
    hash_type hash;
    char* data() noexcept { return static_cast<char*>(static_cast<void*>(this + 1)); }
    std::string_view view() const noexcept {
        return {const_cast<bytes_body*>(this)->data(), static_cast<std::size_t>(size)};
    }
};
constexpr std::size_t bytes_block_size(std::size_t size) noexcept {
    return atom_offset + sizeof(bytes_body) + size + 1;
}

extern const value_record bytes_record;

struct alignas(16) static_bytes {
    object_head head;
    bytes_body body;
    char data[2];
};
struct bytes_singletons {
    std::array<static_bytes, 257> bytes; // the last is empty

    bytes_singletons() noexcept;
};
[[gnu::visibility("default")]] inline bytes_singletons single_bytes{};

object bytes_of(std::string_view contents);

} // namespace detail

class bytes : public object {
  public:
    bytes(std::string_view contents = {}) : object(detail::bytes_of(contents)) {}
    // Throws type_error.
    template <std::derived_from<object> O>
    explicit bytes(const O& o) : object(o) {
        if (o.kind() != value_kind::bytes)
            throw type_error("a bytes-like object is required, not '" + detail::type_name_of(o) + "'");
    }
    std::string_view view() const noexcept { return detail::body<const detail::bytes_body>(*this)->view(); }
    std::size_t size() const noexcept { return view().size(); }
};

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/bytes.hpp>
#endif
