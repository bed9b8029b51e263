# header_check: every header of the tree compiles alone. One generated source a header, compiled without optimisation.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/runtime/*.hpp
     ${CMAKE_SOURCE_DIR}/actors/*.hpp ${CMAKE_SOURCE_DIR}/dsl/*.hpp ${CMAKE_SOURCE_DIR}/tools/*.hpp)
set(header_sources)
foreach(header ${headers})
  string(REPLACE "/" "_" name ${header})
  set(generated ${CMAKE_BINARY_DIR}/header_check/${name}.cpp)
  file(CONFIGURE OUTPUT ${generated} CONTENT "#include \"@header@\"\n" @ONLY)
  list(APPEND header_sources ${generated})
endforeach()
add_library(header_check OBJECT ${header_sources})
target_compile_options(header_check PRIVATE -O0 -g0)
target_link_libraries(header_check PRIVATE weir_actors weir_dsl weir_config CLI11::CLI11)
