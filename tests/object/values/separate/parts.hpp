// What the files of the program have of each other.
#pragma once

void methods_and_iterators();
void rest_of_the_layer();
