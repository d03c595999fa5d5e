# Cross-compiles for 64-bit ARM: Debian's compiler, and the libraries that `./setup --aarch64` puts into
# build/aarch64-sysroot (or those of MONOLITE_SYSROOT). Programs are static: they need nothing of the board but its
# kernel. The preset aarch64 uses this.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../build/aarch64-sysroot ABSOLUTE)
set(MONOLITE_SYSROOT ${root} CACHE PATH "Root of the board's libraries")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MONOLITE_SYSROOT)
foreach(language IN ITEMS C CXX)
  set(name gcc)
  if(language STREQUAL CXX)
    set(name g++)
  endif()
  find_program(MONOLITE_CROSS_${language} NAMES aarch64-linux-gnu-${name}-12 aarch64-linux-gnu-${name} REQUIRED)
  mark_as_advanced(MONOLITE_CROSS_${language})
  set(CMAKE_${language}_COMPILER ${MONOLITE_CROSS_${language}})
  set(CMAKE_${language}_STANDARD_INCLUDE_DIRECTORIES ${MONOLITE_SYSROOT}/usr/include/aarch64-linux-gnu)
endforeach()
find_program(MONOLITE_QEMU NAMES qemu-aarch64-static qemu-aarch64)
mark_as_advanced(MONOLITE_QEMU)
if(MONOLITE_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${MONOLITE_QEMU})  # runs the tests
endif()

set(CMAKE_FIND_ROOT_PATH ${MONOLITE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)  # flatc and protoc run here
foreach(kind IN ITEMS LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(MONOLITE_STATIC ON CACHE BOOL "Link programs with no shared library, the C library included")
