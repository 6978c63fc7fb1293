// The bodies of the layer's functions, once for a program.
#include <krait/object/source.hpp>
