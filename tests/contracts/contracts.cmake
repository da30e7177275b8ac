# Registers with CTest what judges a server.  The server's command stands last, with {port} where its
# port goes; it reaches the tests word for word, and may hold generator expressions.
#
#   judge(TARGET PREFIX STAGE LABEL -- COMMAND...)
#       The tests of TARGET, an executable that links `harness_main`, as PREFIX + Suite.Name, with the
#       labels STAGE and LABEL.  Call it in the folder in which TARGET is made.
#
#   contracts_of(PROGRAM STAGE COMMAND...)
#       The contracts that a stage of its kind and with its capabilities has to keep, and no others, as
#       PROGRAM/Suite.Name, with the labels STAGE and the contract's name ("last lines"); and
#       PROGRAM/thousand/Crowd.Name, with the label "thousand", where the crowd is a thousand clients.
#
#   judging_program(TARGET SOURCES...)
#       An executable that links `harness_main`.  In a sanitizer build it is that of the release build,
#       which is built first: a sanitizer has nothing to say about a server that only a judge built
#       with it could find.
#
# A new capability or stage needs no word here: the suite that judges "last lines" is LastLines.
include_guard(GLOBAL)

# Every program that judges.
if(RENDEZVOUS_SANITIZE)
  add_custom_target(judges ALL
    COMMAND ${CMAKE_COMMAND} --preset release
    COMMAND ${CMAKE_COMMAND} --build --preset release --target judges
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} USES_TERMINAL VERBATIM
    COMMENT "Building what judges the servers, in the release build")
else()
  add_custom_target(judges)
endif()

function(judging_program target)
  if(RENDEZVOUS_SANITIZE)
    add_executable(${target} IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES
      IMPORTED_LOCATION ${PROJECT_SOURCE_DIR}/build/release/bin/${target})
  else()
    add_executable(${target} ${ARGN})
    target_link_libraries(${target} PRIVATE harness_main)
    target_precompile_headers(${target} REUSE_FROM harness)
    add_dependencies(judges ${target})
  endif()
endfunction()

# GoogleTest's discovery gives the same properties to all tests; properties.cmake.in gives each its own.
function(_contracts_discover target prefix stage label filter options seconds)
  include(GoogleTest)  # in the caller's folder: it sets a variable there that discovery needs
  # Where a sanitizer makes the server slow all deadlines are longer, and there is less of everything.
  set(patience 1)
  if(RENDEZVOUS_SANITIZE)
    set(patience 6)
    list(APPEND options --patience ${patience} --rounds 0.5)
  endif()
  math(EXPR timeout "${seconds} * ${patience}")
  # A little before CTest ends it, a test that hangs says what the server's threads do.
  math(EXPR hangs "${timeout} - 10")
  list(APPEND options --timeout ${hangs})
  string(MAKE_C_IDENTIFIER "tests_of_${target}_${prefix}" list)
  # Asked of the executable when CTest starts: it may be made in another folder, or another build.
  gtest_discover_tests(${target}
    TEST_PREFIX ${prefix}
    TEST_FILTER "${filter}"
    TEST_LIST ${list}
    EXTRA_ARGS --stage ${PROJECT_SOURCE_DIR}/stages/${stage} ${options} -- ${ARGN}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${timeout})
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${list}_properties.cmake)
  configure_file(${PROJECT_SOURCE_DIR}/tests/contracts/properties.cmake.in ${properties} @ONLY)
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()

function(judge target prefix stage label dashes)
  _contracts_discover(${target} ${prefix} ${stage} ${label} "" "" 120 ${ARGN})
endfunction()

# The suites of a manifest, as a filter of GoogleTest's.
function(_contracts_suites stage result)
  set(manifest ${PROJECT_SOURCE_DIR}/stages/${stage}/stage.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
  file(READ ${manifest} json)
  string(JSON kind GET "${json}" kind)
  set(names "command line" "shutdown" "hostile clients" "crowd" "turn taking")
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
  _contracts_suites(${stage} filter)
  # 250 clients show what a thousand show, in a sixteenth of the time; --all has the thousand, too.
  set(crowd 250)
  if(RENDEZVOUS_SANITIZE)
    set(crowd 200)
  endif()
  _contracts_discover(contracts ${program}/ ${stage} "" "${filter}" "--crowd;${crowd}" 120 ${ARGN})
  if(NOT RENDEZVOUS_SANITIZE)
    _contracts_discover(contracts ${program}/thousand/ ${stage} "thousand" "Crowd.*" "" 300 ${ARGN})
  endif()
endfunction()
