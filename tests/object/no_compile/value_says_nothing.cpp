// error: says nothing: write KRAIT_FIELDS
#include <krait/object.hpp>
struct key {
    krait::ref<key> next;
};
struct value {
    krait::ref<key> k;
    explicit value(int) {}
};
krait::weak_key_map<key, value> bad;
