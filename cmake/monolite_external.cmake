# monolite_external(<name> <target> <archive>)
#
# Defines the target external_<name>: a library from outside. Programs link it as <target> does, shared; those whose
# property SELF_CONTAINED is set, or all with MONOLITE_STATIC, link its archive, where the machine has that: the loader's work for shared C++ libraries
# takes longer than a small model's inference, and their pages are more than what such a model needs.
function(monolite_external name target archive)
  find_library(MONOLITE_ARCHIVE_${name} NAMES ${archive})
  mark_as_advanced(MONOLITE_ARCHIVE_${name})
  add_library(external_${name} INTERFACE)
  set(self_contained $<OR:$<BOOL:${MONOLITE_STATIC}>,$<BOOL:$<TARGET_PROPERTY:SELF_CONTAINED>>>)
  set(found ${MONOLITE_ARCHIVE_${name}})
  if(NOT found)
    set(found ${target})
  endif()
  target_link_libraries(external_${name} INTERFACE $<IF:${self_contained},${found},${target}>)
  if(TARGET ${target})
    target_include_directories(external_${name} SYSTEM INTERFACE $<TARGET_PROPERTY:${target},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(external_${name} INTERFACE $<TARGET_PROPERTY:${target},INTERFACE_COMPILE_DEFINITIONS>)
  endif()
endfunction()
