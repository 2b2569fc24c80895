/* admin/trace.h - a story of the trail as JSON, for whoever shows it. */
#ifndef ADMIN_TRACE_H
#define ADMIN_TRACE_H

#include "trail/find.h"
#include "wire/json/write.h"

void admin_trace_event(struct json_writer *w, const struct trail_event *e);
void admin_trace_story(struct json_writer *w, const struct trail_story *s);
/* What a person types: an address, a domain ("@example.com" too), a
 * Message-ID in <>, or the id of a message. */
void admin_trace_word(struct str word, struct trail_query *q);

#endif
