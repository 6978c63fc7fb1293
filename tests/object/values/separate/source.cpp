// The bodies of the values' functions, once for the program.
#include <krait/object/value_source.hpp>
