// A library that makes objects; see unload.cpp.
#include <cstdio>
#include <krait/object.hpp>

namespace {

struct gadget {
    int size = 1;
    gadget() = default;
    gadget(const gadget&) = delete;
    gadget& operator=(const gadget&) = delete;
    ~gadget() { std::puts("object of an unloaded plugin died"); }
    KRAIT_FIELDS();
};

} // namespace

extern "C" [[gnu::visibility("default")]] void plugin_make(krait::ref<void>* out) { *out = krait::make<gadget>(); }
