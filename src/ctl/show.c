#include "ctl/show.h"

#include <string.h>

void show_flags(struct out *o, unsigned flags)
{
	struct str words[3];
	size_t n = 0;

	if (flags & DIRECTORY_NO_LOGIN)
		words[n++] = STR("login");
	if (flags & DIRECTORY_NO_SEND)
		words[n++] = STR("send");
	if (flags & DIRECTORY_NO_RECEIVE)
		words[n++] = STR("receive");
	out_list(o, words, n);
}

size_t show_flags_asked(struct ctl *c, const struct str **out)
{
	static const char *const words[] = { "login", "send", "receive" };
	struct str *v = arena_array(&c->arena, 3, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (ctl_option(c, words[i]))
			v[n++] = str_z(words[i]);
	for (size_t i = 0; n == 0 && i < 3; i++)
		v[i] = str_z(words[i]);
	*out = v;
	return n ? n : 3;
}

void show_targets(struct out *o, struct arena *a,
                  const struct directory_target *targets, size_t n)
{
	struct str *words = arena_array(a, n + 1, sizeof(*words));

	for (size_t i = 0; i < n; i++)
		words[i] = targets[i].address;
	out_list(o, words, n);
}

const char *show_kind(enum directory_kind kind)
{
	switch (kind) {
	case DIRECTORY_NOT_LOCAL: return "elsewhere";
	case DIRECTORY_NONE: return "none";
	case DIRECTORY_ACCOUNT: return "account";
	case DIRECTORY_ALIAS: return "alias";
	case DIRECTORY_CATCHALL: return "catchall";
	}
	return "";
}

int show_quota_asked(struct ctl *c, const char *text, uint64_t *out)
{
	struct str s = str_z(text);

	*out = 0;
	if (str_eq(s, STR("default")))
		return CTL_OK;
	if (!config_size_of(s, out) || *out == 0)
		return ctl_usage(c,
		                 "--quota is a size such as 500M or 5G, not "
		                 "\"%s\"",
		                 text);
	return CTL_OK;
}

int show_domain_asked(struct ctl *c, struct str name, int64_t *out)
{
	struct directory_domain d;
	struct err err = ERR_INIT;

	*out = 0;
	if (!name.n)
		return CTL_OK;
	if (admin_domain_get(c->admin, name, &c->arena, &d, &err) < 0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot show %.*s", STR_ARG(name));
	*out = d.alias_of ? d.alias_of : d.id;
	return CTL_OK;
}

const char *show_address_hint(struct ctl *c, struct str address)
{
	struct err ignored = ERR_INIT;
	size_t at = str_rchr(address, '@');
	struct str domain;
	bool local = false;

	if (at == STR_NPOS)
		return NULL;
	domain = str_from(address, at + 1);
	if (directory_domain_is_local(admin_directory(c->admin), domain, &local,
	                              &ignored) < 0)
		return NULL;
	if (!local)
		return arena_fmt(&c->arena, "posthus domain add %.*s",
		                 STR_ARG(domain))
		        .p;
	return arena_fmt(&c->arena, "posthus address list %.*s",
	                 STR_ARG(domain))
	        .p;
}
