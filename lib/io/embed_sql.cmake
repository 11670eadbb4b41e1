# Writes OUTPUT, a C table of the migrations FOLDER/NNNN_*.sql in their order.
# Stops the build when a number is missing or taken twice.
file(GLOB files RELATIVE ${FOLDER} ${FOLDER}/*.sql)
list(SORT files)
set(rows "")
set(expected 1)
foreach(name IN LISTS files)
	if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
		message(FATAL_ERROR "${name}: a migration is named NNNN_what.sql")
	endif()
	math(EXPR number "1${CMAKE_MATCH_1} - 10000")
	if(NOT number EQUAL expected)
		message(FATAL_ERROR "${name}: migration ${expected} was expected here")
	endif()
	math(EXPR expected "${expected} + 1")
	file(READ ${FOLDER}/${name} text)
	string(REPLACE "\\" "\\\\" text "${text}")
	string(REPLACE "\"" "\\\"" text "${text}")
	string(REPLACE "\n" "\\n\"\n\t\t\"" text "${text}")
	string(APPEND rows "\t{ ${number},\n\t\t\"${text}\" },\n")
endforeach()
file(WRITE ${OUTPUT} "/* Made from schema/sql; change the files there. */\n#include \"io/store_db.h\"\n\n"
	"const sr_migration sr_store_migrations[] = {\n${rows}};\n"
	"const size_t sr_store_migrations_count = SR_COUNT_OF(sr_store_migrations);\n")
