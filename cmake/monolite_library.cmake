# monolite_library(<folder> SOURCES a.cpp … [DEPENDS folder …] [PRIVATE target …])
#
# One static library for a folder of src/. Its include path holds only links to its own folder and, through its
# dependencies, to theirs, so an #include that points downwards in the table of docs/dev/architecture.md does not compile.
# A dependency that is not a target yet is refused: the order of add_subdirectory lines is the order of the layers.
function(monolite_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  foreach(d IN LISTS A_DEPENDS)
    if(NOT TARGET monolite_${d})
      message(FATAL_ERROR "src/${name} -> src/${d}: ${d} is not below ${name}")
    endif()
  endforeach()
  set(root ${CMAKE_BINARY_DIR}/arrows/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  add_library(monolite_${name} STATIC ${A_SOURCES})
  target_include_directories(monolite_${name} PUBLIC ${root})
  list(TRANSFORM A_DEPENDS PREPEND monolite_)
  target_link_libraries(monolite_${name} PUBLIC monolite_options ${A_DEPENDS} PRIVATE ${A_PRIVATE})
endfunction()

# monolite_test(<folder> SOURCES a_test.cpp … [DEPENDS target …] [LABELS …])
#
# One GoogleTest program for a folder. Without LABELS its tests belong to the fast set.
function(monolite_test name)
  if(NOT MONOLITE_TESTS)
    return()
  endif()
  cmake_parse_arguments(A "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name}_test ${A_SOURCES})
  # What is tested is compiled as it ships; the tests themselves are compiled to be built fast.
  target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:-O0>)
  target_link_libraries(${name}_test PRIVATE ${A_DEPENDS} GTest::gtest_main)
  if(TARGET monolite_${name})
    target_link_libraries(${name}_test PRIVATE monolite_${name})
  endif()
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}" SKIP_REGULAR_EXPRESSION "0 tests from 0")
endfunction()

# monolite_isa_sources(<instruction set> a.cpp …)
#
# Compiles files of the current folder for an instruction set that the machine need not have. Such a file includes only
# intrinsics, <cstdint> and headers without inline functions that another file may share: the linker keeps one copy.
function(monolite_isa_sources isa)
  set(avx2 -mavx2 -mfma -mf16c)
  set(avxvnni ${avx2} -mavxvnni)
  set(avx512 ${avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512cd -mprefer-vector-width=512)
  set(avx512vnni ${avx512} -mavx512vnni -mavx512vbmi)
  # GCC 12 would move loads up until accumulators leave their registers.
  set(in_order $<$<CXX_COMPILER_ID:GNU>:-fno-schedule-insns>)
  set(neon -march=armv8-a ${in_order})
  set(dotprod -march=armv8.2-a+dotprod ${in_order})
  if(NOT DEFINED ${isa})
    message(FATAL_ERROR "monolite_isa_sources: no flags known for ${isa}")
  endif()
  # Unrolled loops with a check at each pointer take the compiler minutes a file: under sanitizers, addresses are enough.
  set(optimize -O3)
  if(MONOLITE_SANITIZE)
    set(optimize -O1)
  endif()
  if(MONOLITE_FUZZ)
    list(APPEND optimize -fno-sanitize=undefined,fuzzer-no-link)
  endif()
  # GCC 12 takes the deliberately undefined operands inside of its own AVX-512 headers for mistakes (GCC bug 105593).
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS ${${isa}} ${optimize}
               $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endfunction()

# monolite_bench(<folder> SOURCES a_bench.cpp …)
#
# One Google Benchmark program a file, where that library is installed.
function(monolite_bench name)
  if(NOT benchmark_FOUND)
    return()
  endif()
  cmake_parse_arguments(A "" "" "SOURCES" ${ARGN})
  foreach(source IN LISTS A_SOURCES)
    get_filename_component(program ${source} NAME_WE)
    add_executable(${program} ${source})
    target_link_libraries(${program} PRIVATE monolite_${name} benchmark::benchmark)
  endforeach()
endfunction()
