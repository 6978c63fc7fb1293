#pragma once

#include <filesystem>
#include <string>

namespace krait::tools {

// Fails where graphviz is not installed: for those who work long before they draw.
void require_graphviz();

// Has graphviz's dot(1) draw a graph as SVG.
std::string drawn_by_dot(const std::string& graph);

} // namespace krait::tools
