#pragma once

#include <string>
#include <vector>

namespace krait::tools {

// Runs the command, in this environment, and says at its end what nobody held then and who held the rest: after main's
// return, exit handlers and destructors of static objects, as LeakSanitizer does. Its exit status, or 128 and the
// signal's number.
//
// The command is traced by ptrace(2) and stops once, when it is about to give its memory up; every signal reaches it
// as ever. If krait is killed it goes on untraced. It is not looked at where it is killed by SIGKILL, or its first
// thread ends before the others.
int run_with_doctor(const std::vector<std::string>& command);

} // namespace krait::tools
