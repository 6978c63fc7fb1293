#pragma once

#include "commands.hpp"
#include "trace/frames.hpp"
#include "trace/groups.hpp"
#include "trace/profile.hpp"

#include <cstdio>
#include <string>

// The files that `krait trace` and `krait report` write of a profile when they are asked to.
namespace krait::tools {

struct written_files {
    std::string html, json, pprof, speedscope, collapsed, massif;

    bool any() const noexcept;
};

void add_written_files(CLI::App& command, written_files& files);
void require_writable(const written_files& files);
// Says on `said` what it wrote.
void write_files(const written_files& files, const profile& of, frame_names& names, const profile_filter& filter,
                 metric shown, std::FILE* said);

} // namespace krait::tools
