// How a name of the malloc family is defined here: for everybody, for everybody by another name, for this library only.
#pragma once

#define KRAIT_EXPORT __attribute__((visibility("default")))
#define KRAIT_SAME_AS(name) __attribute__((alias(name), visibility("default")))
#define KRAIT_OWN(name) __attribute__((alias(name), visibility("hidden")))
