#include "wire/json/copy.h"

void json_copy(struct json_writer *w, struct json v)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json kid;
	int64_t i;

	switch (json_kind(v)) {
	case JSON_IS_NONE:
	case JSON_IS_NULL: json_null(w); return;
	case JSON_IS_BOOL: json_bool(w, json_as_bool(v)); return;
	case JSON_IS_STRING: json_str(w, json_as_str(v)); return;
	case JSON_IS_NUMBER:
		if (json_as_i64(v, &i))
			json_i64(w, i);
		else
			json_double(w, json_as_double(v));
		return;
	case JSON_IS_ARRAY:
		json_array(w);
		for (size_t k = 0; k < json_count(v); k++)
			json_copy(w, json_at(v, k));
		json_end(w);
		return;
	case JSON_IS_OBJECT:
		json_object(w);
		while (json_member_next(&m, &name, &kid)) {
			json_key(w, name);
			json_copy(w, kid);
		}
		json_end(w);
		return;
	}
}
