#include "jmap/told.h"

unsigned jmap_told_types(struct str list)
{
	unsigned types = 0;
	struct str name;

	while (str_cut(&list, ',', &name))
		for (int i = 0; i < CHANGE_TYPES; i++)
			if (str_eq(name, str_z(jmap_type_names[i])))
				types |= 1u << i;
	return types;
}

bool jmap_told_read(struct str text,
                    const struct change_state now[CHANGE_TYPES],
                    struct change_state out[CHANGE_TYPES])
{
	uint64_t epoch, modseq;
	struct str word;

	for (int i = 0; i < CHANGE_TYPES; i++)
		out[i] = now[i];
	if (!str_cut(&text, '-', &word) ||
	    !str_to_u64(word, UINT32_MAX, &epoch))
		return false;
	for (int i = 0; i < CHANGE_TYPES && str_cut(&text, '-', &word); i++) {
		if (!str_to_u64(word, UINT64_MAX, &modseq))
			return false;
		out[i] = (struct change_state){ .epoch = (uint32_t)epoch,
			                        .modseq = modseq };
	}
	return true;
}

void jmap_told_code(struct buf *out, struct store_id id, const char *code)
{
	struct json_writer w = json_writer(out);

	json_object(&w);
	json_member_z(&w, "@type", "PushVerification");
	json_member_z(&w, "pushSubscriptionId", id.z);
	json_member_z(&w, "verificationCode", code);
	json_end(&w);
}

void jmap_told_change(struct buf *out, int64_t account, unsigned types,
                      const struct change_state now[CHANGE_TYPES])
{
	struct jmap_user u = { .account = { .id = account } };
	struct change_state none[CHANGE_TYPES];
	struct json_writer w = json_writer(out);

	for (int i = 0; i < CHANGE_TYPES; i++)
		none[i] = (struct change_state){ .epoch = UINT32_MAX };
	json_object(&w);
	jmap_write_changed(&w, &u, types, none, now);
	json_end(&w);
}
