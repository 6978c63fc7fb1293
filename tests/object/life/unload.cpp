// dlclose() of code that owns a type's record: the code stays, so the object dies as it should.
#include <dlfcn.h>
#include <krait/object.hpp>

int main() {
    void* const plugin = dlopen(KRAIT_PLUGIN, RTLD_NOW);
    if (plugin == nullptr) return 1;
    void* const symbol = dlsym(plugin, "plugin_make");
    void (*make)(krait::ref<void>*) = nullptr;
    __builtin_memcpy(&make, &symbol, sizeof make);
    krait::ref<void> gadget;
    make(&gadget);
    dlclose(plugin);
    gadget.reset();
}
