#include "doctor/doctor_formats.hpp"
#include "embedded.hpp"
#include "filled_page.hpp"

KRAIT_EMBED(krait_doctor_page_frame, KRAIT_DOCTOR_PAGE_FOLDER "/page.html");
KRAIT_EMBED(krait_doctor_page_style, KRAIT_DOCTOR_PAGE_FOLDER "/page.css");
KRAIT_EMBED(krait_doctor_page_script, KRAIT_DOCTOR_PAGE_FOLDER "/page.js");

namespace krait::tools {

std::string doctor_page(const diagnosis& of) {
    const std::string data = safe_in_script(doctor_json(of));
    return filled_page(KRAIT_EMBEDDED(krait_doctor_page_frame), {{"STYLE", KRAIT_EMBEDDED(krait_doctor_page_style)},
                                                                 {"DATA", data},
                                                                 {"SCRIPT", KRAIT_EMBEDDED(krait_doctor_page_script)}});
}

} // namespace krait::tools
