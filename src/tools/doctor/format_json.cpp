#include "doctor/doctor_formats.hpp"

#include <nlohmann/json.hpp>

namespace krait::tools {

std::string doctor_json(const diagnosis& of) {
    return as_json(of).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace krait::tools
