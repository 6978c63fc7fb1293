// Loads in any process and changes nothing.
extern "C" __attribute__((visibility("default"))) const char krait_tools_stand_in[] = "stand-in";
