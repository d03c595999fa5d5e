# The Python that has ai-edge-litert, numpy, Pillow and pytest; ./test makes it in .venv.
set(MONOLITE_PYTHON "${CMAKE_SOURCE_DIR}/.venv/bin/python" CACHE FILEPATH "Python with the packages of tests/requirements.txt")
option(MONOLITE_ALL_CASES "Oracle tests run every case instead of a part" OFF)

# monolite_pytest(<name> LABELS … [PROGRAMS target …])
#
# The *_test.py of the current folder as one test. MONOLITE_BIN names the folder of the programs. Without the Python of
# MONOLITE_PYTHON the test is reported as skipped.
function(monolite_pytest name)
  cmake_parse_arguments(A "" "TIMEOUT" "LABELS" ${ARGN})
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 900)
  endif()
  add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/pytest_or_skip ${MONOLITE_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}" TIMEOUT ${A_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "MONOLITE_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};MONOLITE_ALL_CASES=${MONOLITE_ALL_CASES}")
endfunction()
