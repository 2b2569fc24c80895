#include "admin/problem.h"

#define WORDS true /* the error's own text is for the person who asked */

static const struct admin_problem kinds[ERR_KIND_COUNT] = {
	[ERR_NONE] = { "E-FAILED", "It did not work", 500, !WORDS,
	               "no reason is known" },
	[ERR_INVALID] = { "E-INVALID", "The request makes no sense", 400, WORDS,
	                  "what was given cannot be: the words say what to "
	                  "change" },
	[ERR_TOO_BIG] = { "E-TOO-BIG", "Over a limit", 422, WORDS,
	                  "over a limit of size or number" },
	[ERR_NOT_FOUND] = { "E-NOT-FOUND", "There is no such thing", 404, WORDS,
	                    "there is no such domain, address or message" },
	[ERR_EXISTS] = { "E-EXISTS", "It is there already, or in the way", 409,
	                 WORDS,
	                 "it is there already, or something still hangs on "
	                 "it" },
	[ERR_DENIED] = { "E-DENIED", "Not allowed", 403, WORDS,
	                 "who asks, or runs the command, may not" },
	[ERR_OVER_QUOTA] = { "E-OVER-QUOTA", "The mailbox is full", 422, WORDS,
	                     "the account is full: posthus account show, "
	                     "account set --quota" },
	[ERR_NO_SPACE] = { "E-NO-SPACE", "The disk is full", 507, !WORDS,
	                   "the disk is full, or down to "
	                   "server.free_space_reserve" },
	[ERR_CORRUPT] = { "E-CORRUPT", "Stored data does not read back", 500,
	                  !WORDS,
	                  "stored data does not read back: posthus fsck" },
	[ERR_TIMEOUT] = { "E-TIMEOUT", "It took too long", 503, !WORDS,
	                  "another process kept it waiting too long" },
	[ERR_CLOSED] = { "E-CLOSED", "The other end went away", 503, !WORDS,
	                 "the other end went away, or it was stopped" },
	[ERR_TEMP] = { "E-TEMP", "It does not work at present", 503, !WORDS,
	               "the system refused for now; the words say what" },
};

/* By HTTP alone. */
static const struct admin_problem faults[ADMIN_FAULT_COUNT] = {
	[ADMIN_FAULT_CHANGED] = { "E-CHANGED", "Somebody changed it meanwhile",
	                          412, WORDS,
	                          "it is not any more what was shown: look "
	                          "again, then change it" },
	[ADMIN_FAULT_PASSWORD] = { "E-PASSWORD",
	                           "The password is needed once more", 403,
	                           WORDS,
	                           "a session or a token alone is not enough: "
	                           "give the own password as `current`" },
	[ADMIN_FAULT_SCOPE] = { "E-SCOPE", "The token is not for this", 403,
	                        WORDS,
	                        "the token has not the scope that the words "
	                        "name" },
	[ADMIN_FAULT_LOGIN] = { "E-LOGIN", "A login is needed", 401, WORDS,
	                        "the token is unknown, removed or over" },
	[ADMIN_FAULT_RATE] = { "E-RATE", "Too many requests", 429, WORDS,
	                       "wait for the seconds of Retry-After" },
	[ADMIN_FAULT_PATH] = { "E-PATH", "There is no such page", 404, WORDS,
	                       "the path is none of the document's" },
	[ADMIN_FAULT_METHOD] = { "E-METHOD", "Not by this method", 405, WORDS,
	                         "the page is there for the methods of Allow" },
};

const struct admin_problem *admin_problem(enum admin_fault fault,
                                          enum err_kind kind)
{
	if (fault > ADMIN_FAULT_KIND && fault < ADMIN_FAULT_COUNT)
		return &faults[fault];
	return &kinds[kind < ERR_KIND_COUNT ? kind : ERR_NONE];
}

const struct admin_problem *admin_problem_at(size_t i)
{
	if (i < ERR_KIND_COUNT)
		return &kinds[i];
	i -= ERR_KIND_COUNT - (ADMIN_FAULT_KIND + 1);
	return i < ADMIN_FAULT_COUNT ? &faults[i] : NULL;
}
