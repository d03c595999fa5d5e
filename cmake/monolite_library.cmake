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
