/* Who sent a request: a browser by its cookie, a program by Basic. */
#include "directory/directory.h"
#include "jmap/private.h"

bool jmap_login(struct jmap_server *j, struct http_exchange *x, struct arena *a,
                struct jmap_user *out)
{
	struct weblogin_user u;

	if (!weblogin_user(j->ctx.weblogin, x, a, &u))
		return false;
	out->account = (struct store_account){
		.id = u.account.id,
		.shard = u.account.shard,
		.quota_bytes = u.account.quota_bytes,
	};
	out->address = u.account.address;
	out->name = u.account.name;
	out->change = u.change;
	out->domain_id = u.account.domain_id;
	out->sending_off = (u.account.flags & DIRECTORY_NO_SEND) != 0;
	out->by = u.by;
	out->peer = *net_peer(http_session(x));
	out->tls = net_is_tls(http_session(x));
	out->session = net_session_id(http_session(x));
	return true;
}
