/*
 * admin/script.h - the filter scripts and the vacation of an account.
 *
 * As store/script.h, but by address; a script is compiled before it is put,
 * and the directory is told, so that deliveries see the change.
 */
#ifndef ADMIN_SCRIPT_H
#define ADMIN_SCRIPT_H

#include "admin/admin.h"
#include "store/script.h"

/* ERR_INVALID: "line 3, column 5: there is no command ...". */
int admin_script_check(struct str text, struct err *err) ATTR_MUST_USE;

int admin_script_list(struct admin *adm, struct str address, struct arena *a,
                      struct script **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;
int admin_script_get(struct admin *adm, struct str address, struct str name,
                     struct arena *a, struct script *out, struct err *err)
	ATTR_MUST_USE;
int admin_script_put(struct admin *adm, struct str address, struct str name,
                     struct str text, struct err *err) ATTR_MUST_USE;
/* An empty name: none is active any more. */
int admin_script_activate(struct admin *adm, struct str address,
                          struct str name, struct err *err) ATTR_MUST_USE;
int admin_script_remove(struct admin *adm, struct str address, struct str name,
                        struct err *err) ATTR_MUST_USE;

/* They came in another way (an import): the directory is told. */
int admin_script_tell(struct admin *adm, struct str address, struct err *err)
	ATTR_MUST_USE;

/* ERR_NOT_FOUND when none was ever set. */
int admin_vacation_get(struct admin *adm, struct str address, struct arena *a,
                       struct vacation *out, struct err *err) ATTR_MUST_USE;
/* One that is set anew answers everybody again. */
int admin_vacation_set(struct admin *adm, struct str address,
                       const struct vacation *v, struct err *err) ATTR_MUST_USE;

#endif
