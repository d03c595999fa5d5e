#pragma once
// How a program's heap grows.

namespace monolite {

// Lets the heap grow by pages of 2 MiB instead of 4 KiB, where the system has such (Linux with glibc and transparent
// huge pages); elsewhere nothing happens. For the start of a program that lives for milliseconds: a third of those went
// into the system's handing out of small pages. Libraries leave this to their program.
void grow_heap_by_large_pages();

}  // namespace monolite
