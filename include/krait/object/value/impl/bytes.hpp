// What bytes are asked.
#pragma once

#include <cstring>

#include <krait/object/value/bytes.hpp>

namespace krait {
namespace detail {

inline object_head* destroy_bytes(object_head* head) noexcept {
    free_block(head);
    return nullptr;
}
inline hash_type hash_bytes(const object& o) {
    auto* const b = body<bytes_body>(o);
    if (b->hash == -1) b->hash = hash_of_bytes(b->data(), static_cast<std::size_t>(b->size));
    return b->hash;
}
inline bool equal_bytes(const object& a, const object& b) {
    return b.kind() == value_kind::bytes && body<const bytes_body>(a)->view() == body<const bytes_body>(b)->view();
}
inline void repr_bytes(const object& o, std::string& out) {
    const std::string_view view = body<const bytes_body>(o)->view();
    const char quote = view.find('\'') != view.npos && view.find('"') == view.npos ? '"' : '\'';
    (out += 'b') += quote;
    for (const char c : view) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == quote || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (byte >= 0x20 && byte < 0x7f)
            out += c;
        else
            ((out += "\\x") += "0123456789abcdef"[byte / 16]) += "0123456789abcdef"[byte % 16];
    }
    out += quote;
}
inline std::size_t size_of_bytes(const void* body) noexcept {
    return bytes_block_size(static_cast<const bytes_body*>(body)->view().size());
}
KRAIT_OBJECT_DECL bytes_singletons::bytes_singletons() noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        static_bytes& b = bytes[i];
        write_static_head(&b.head, bytes_record);
        b.body.size = i < 256;
        b.data[0] = static_cast<char>(i);
        b.data[1] = 0;
        b.body.hash = hash_of_bytes(b.data, i < 256);
    }
}
KRAIT_OBJECT_DECL object bytes_of(std::string_view contents) {
    if (contents.empty()) return single(&single_bytes.bytes[256].body);
    if (contents.size() == 1) return single(&single_bytes.bytes[static_cast<unsigned char>(contents[0])].body);
    auto* const b = begin_atom<bytes_body>(new_block(bytes_block_size(contents.size())), bytes_record);
    b->size = static_cast<std::int64_t>(contents.size());
    b->hash = -1;
    std::memcpy(b->data(), contents.data(), contents.size());
    b->data()[contents.size()] = 0;
    return adopt(b);
}

KRAIT_OBJECT_DECL constinit const value_record bytes_record =
    atom_record(value_kind::bytes, "bytes", sizeof(bytes_body), destroy_bytes,
                {hash_bytes, equal_bytes, repr_bytes, size_of_bytes});

} // namespace detail

} // namespace krait
