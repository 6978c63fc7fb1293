#pragma once

#include <thread>
#include <vector>

// Calls f(0) to f(number - 1), each in a thread of its own, and waits for all.
template <class F>
void in_threads(int number, F f) {
    std::vector<std::thread> threads;
    for (int t = 0; t < number; ++t) threads.emplace_back([&f, t] { f(t); });
    for (auto& thread : threads) thread.join();
}
