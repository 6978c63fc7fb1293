#include "api/file_name.hpp"

#include "base/text.hpp"
#include "os/system_call.hpp"

namespace krait {

file_name::file_name(std::string_view pattern, std::string_view ending) noexcept {
    {
        text out([](void* name, std::string_view part) { static_cast<file_name*>(name)->append(part); }, this);
        for (std::string_view rest : {pattern, ending}) {
            for (std::size_t at; (at = rest.find("%p")) != std::string_view::npos; rest.remove_prefix(at + 2))
                out << rest.substr(0, at) << static_cast<std::uint64_t>(os::process_id());
            out << rest;
        }
    }
    if (!fits_) length_ = 0;
    characters_[length_] = '\0';
}

void file_name::append(std::string_view part) noexcept {
    fits_ = fits_ && length_ + part.size() < characters_.size();
    for (std::size_t i = 0; fits_ && i < part.size(); ++i) characters_[length_++] = part[i];
}

} // namespace krait
