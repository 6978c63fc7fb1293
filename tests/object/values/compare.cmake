# Whether PROGRAM, given INPUT if there is one, prints what is in EXPECTED, and nothing on stderr.
execute_process(COMMAND ${PROGRAM} ${INPUT} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
file(READ ${EXPECTED} expected)
if(NOT status EQUAL 0 OR NOT errors STREQUAL "" OR NOT output STREQUAL expected)
    message(FATAL_ERROR "exit status ${status}\n${errors}\n${output}")
endif()
