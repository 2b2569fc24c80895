/* intake/looked.h - what was found out about a message; of verify.c. */
#ifndef INTAKE_LOOKED_H
#define INTAKE_LOOKED_H

#include "score/score.h"
#include "verify/auth_results.h"

struct looked {
	struct verify_summary sum;
	struct verify_spf_result spf;
	struct verify_dkim_result dkim;
	struct verify_dmarc_result dmarc;
	struct verify_arc_result arc;
	enum score_auth helo_ok, ptr;
};

#endif
