// What of C++ the layer needs, said in one sentence instead of a hundred errors. Before any other header of the layer.
#pragma once

#if !defined(__cplusplus) || __cplusplus < 202002L
#error "krait: the object layer is C++20: compile with -std=c++20 or later"
#elif !defined(__cpp_exceptions)
#error "krait: the object layer reports errors by exceptions: compile without -fno-exceptions"
#endif
