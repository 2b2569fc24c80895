/* wire/json/copy.h - a value that was read, written again. */
#ifndef WIRE_JSON_COPY_H
#define WIRE_JSON_COPY_H

#include "wire/json/read.h"
#include "wire/json/write.h"

/* `v` as it was read; no value at all is null. */
void json_copy(struct json_writer *w, struct json v);

#endif
