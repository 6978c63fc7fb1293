// error: the value may lead back to its key
#include <krait/object.hpp>
struct key {
    int x;
};
struct value {
    krait::ref<key> k;
};
krait::weak_key_map<key, krait::ref<value>> bad;
