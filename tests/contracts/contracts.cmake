# Registers with CTest what judges a server.  The server's command stands last, with {port} where its
# port goes; it reaches the tests word for word, and may hold generator expressions.
#
#   judge(TARGET PREFIX STAGE LABEL -- COMMAND...)
#       The tests of TARGET, an executable that links `harness_main`, as PREFIX + Suite.Name, with the
#       labels STAGE and LABEL.  Call it in the folder in which TARGET is made.
#
#   contracts_of(PROGRAM STAGE COMMAND...)
#       The contracts that a stage of its kind and with its capabilities has to keep, and no others, as
#       PROGRAM/Suite.Name, with the labels STAGE and the contract's name ("last lines").
#
# A new capability or stage needs no word here: the suite that judges "last lines" is LastLines.
include_guard(GLOBAL)

# GoogleTest's discovery gives the same properties to all tests; properties.cmake.in gives each its own.
function(_contracts_discover target prefix stage label filter)
  include(GoogleTest)  # in the caller's folder: it sets a variable there that discovery needs
  # Where a sanitizer makes the server slow all deadlines are longer, and there is less of everything.
  set(patience 1)
  set(options "")
  if(RENDEZVOUS_SANITIZE)
    set(patience 6)
    set(options --patience ${patience} --crowd 200 --rounds 0.5)
  endif()
  math(EXPR timeout "240 * ${patience}")
  string(MAKE_C_IDENTIFIER "tests_of_${target}_${prefix}" list)
  gtest_discover_tests(${target}
    TEST_PREFIX ${prefix}
    TEST_FILTER "${filter}"
    TEST_LIST ${list}
    EXTRA_ARGS --stage ${PROJECT_SOURCE_DIR}/stages/${stage} ${options} -- ${ARGN}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${timeout})
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${list}_properties.cmake)
  configure_file(${PROJECT_SOURCE_DIR}/tests/contracts/properties.cmake.in ${properties} @ONLY)
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()

function(judge target prefix stage label dashes)
  _contracts_discover(${target} ${prefix} ${stage} ${label} "" ${ARGN})
endfunction()

# The suites of a manifest, as a filter of GoogleTest's.
function(_contracts_suites stage result)
  set(manifest ${PROJECT_SOURCE_DIR}/stages/${stage}/stage.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
  file(READ ${manifest} json)
  string(JSON kind GET "${json}" kind)
  set(names "command line" "shutdown" "hostile clients" "crowd")
  if(kind STREQUAL "chat")
    list(APPEND names "busy room" "hostile lines")
  endif()
  string(JSON count LENGTH "${json}" capabilities)
  if(count)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON name MEMBER "${json}" capabilities ${i})
      list(APPEND names "${name}")
    endforeach()
  endif()
  set(filter "")
  foreach(name IN LISTS names)
    set(suite "")
    string(REPLACE " " ";" words "${name}")
    foreach(word IN LISTS words)
      string(SUBSTRING ${word} 0 1 first)
      string(SUBSTRING ${word} 1 -1 rest)
      string(TOUPPER ${first} first)
      string(APPEND suite ${first}${rest})
    endforeach()
    string(APPEND filter "${suite}.*:")
  endforeach()
  set(${result} ${filter} PARENT_SCOPE)
endfunction()

function(contracts_of program stage)
  if(NOT TARGET contracts)
    message(FATAL_ERROR "contracts_of() registers tests of `contracts`: tests/ has to come first.")
  endif()
  _contracts_suites(${stage} filter)
  # Asked of the executable when CTest starts: it is made in another folder than this is called in.
  set(CMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE PRE_TEST)
  _contracts_discover(contracts ${program}/ ${stage} "" "${filter}" ${ARGN})
endfunction()
