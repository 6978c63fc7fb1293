// error: the types of the key.s fields do not tell
#include <krait/object.hpp>
struct key {
    krait::ref<key> next;
};
struct value {
    krait::ref<key> k;
};
krait::weak_key_map<key, krait::ref<value>> bad;
