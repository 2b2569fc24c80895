#include "migrate/status.h"

#include "base/mem.h"
#include "os/file.h"

#define RUNNING "{\"state\":\"running\""
#define STOPPED "{\"state\":\"stopped\""

static void write_folder(const struct migrate_folder *f, struct json_writer *w)
{
	json_object(w);
	json_member_str(w, "there", f->there);
	json_member_str(w, "here", f->here);
	json_member_u64(w, "messages", f->messages);
	json_member_u64(w, "found", f->found);
	json_member_u64(w, "imported", f->imported);
	json_member_u64(w, "known", f->known);
	json_member_u64(w, "failed", f->failed);
	json_member_str(w, "skipped", f->skipped);
	json_end(w);
}

static void write_report(const struct migrate_report *r, struct json_writer *w)
{
	json_member_u64(w, "folders", r ? r->folders_n : 0);
	json_member_u64(w, "folders_done", r ? r->folders_done : 0);
	json_member_u64(w, "messages", r ? r->messages : 0);
	json_member_u64(w, "imported", r ? r->imported : 0);
	json_member_u64(w, "known", r ? r->known : 0);
	json_member_u64(w, "failed", r ? r->failed : 0);
	json_member_u64(w, "bytes", r ? r->bytes : 0);
	json_key(w, STR("report"));
	json_array(w);
	/* Without its list of folders yet there are none. */
	for (size_t i = 0; r && r->folders && i < r->folders_n; i++)
		write_folder(&r->folders[i], w);
	json_end(w);
	json_key(w, STR("failures"));
	json_array(w);
	for (size_t i = 0; r && i < r->failures_n; i++) {
		json_object(w);
		json_member_str(w, "folder", r->failures[i].folder);
		json_member_u64(w, "uid", r->failures[i].uid);
		json_member_str(w, "why", r->failures[i].why);
		json_end(w);
	}
	json_end(w);
}

void migrate_status_write(const struct migrate_status *s, struct json_writer *w)
{
	json_object(w);
	json_member_z(w, "state", s->state);
	json_member_str(w, "host", s->host);
	json_member_str(w, "user", s->user);
	json_member_time(w, "began", s->began_us);
	json_member_time(w, "ended", s->ended_us);
	json_member_str(w, "why", s->why);
	write_report(s->report, w);
	json_end(w);
}

int migrate_status_save(const char *dir, int64_t account,
                        const struct migrate_status *s, struct err *err)
{
	struct json_writer w;
	struct arena a;
	struct buf b;
	int rc = -1;

	arena_init(&a);
	buf_init(&b, MIGRATE_STATUS_MAX);
	w = json_writer(&b);
	migrate_status_write(s, &w);
	if (buf_overflow(&b))
		(void)err_set(err, ERR_TOO_BIG, "the report is too long");
	else if (file_mkdir(dir, 0770, err) == 0)
		rc = file_replace(arena_fmt(&a, "%s/%lld.json", dir,
		                            (long long)account)
		                          .p,
		                  buf_str(&b), 0660, err);
	buf_deinit(&b);
	arena_deinit(&a);
	return rc;
}

int migrate_status_load(const char *dir, int64_t account, struct arena *a,
                        struct str *out, struct err *err)
{
	const char *path =
		arena_fmt(a, "%s/%lld.json", dir, (long long)account).p;
	struct migrate_status none = { .state = "none" };
	struct json_writer w;
	struct buf b;
	char *p;
	size_t n;

	if (file_read_all(path, MIGRATE_STATUS_MAX, &p, &n, err) == 0) {
		struct str all = { p, n };

		if (str_starts(all, STR(RUNNING)))
			*out = arena_fmt(a, STOPPED "%.*s",
			                 STR_ARG(str_from(all, sizeof(RUNNING) -
			                                               1)));
		else
			*out = arena_dup(a, all);
		mem_free(p);
		return 0;
	}
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	*err = (struct err)ERR_INIT;
	buf_init(&b, 4096);
	w = json_writer(&b);
	migrate_status_write(&none, &w);
	*out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return 0;
}
