// operator new where krait is linked into the program (libkrait.a). One form is enough: the C++ runtime's others call
// it, or malloc, and every operator delete calls free. It makes a program that only says `new` refer to malloc, and so
// take krait's from the archive. It is weak, so that a program's own definition takes its place.
#include <cstdlib>
#include <new>

[[gnu::weak]] void* operator new(std::size_t size) {
    for (;;) {
        if (void* const block = std::malloc(size)) return block;
        const std::new_handler make_room = std::get_new_handler();
        if (make_room == nullptr) throw std::bad_alloc();
        make_room();
    }
}
