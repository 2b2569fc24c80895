#include "transfer/lines.h"

void lines_add(struct lines *l, struct str in, struct buf *out)
{
	while (in.n > 0) {
		size_t lf = str_chr(in, '\n');
		size_t n = lf == STR_NPOS ? in.n : lf;
		char before = n > 0 ? in.p[n - 1] : l->last;

		buf_add(out, str_to(in, n));
		l->last = before;
		in = str_from(in, n);
		if (lf == STR_NPOS)
			return;
		if (!l->decided) {
			l->decided = true;
			l->convert = before != '\r';
		}
		if (l->convert && before != '\r')
			buf_add_c(out, '\r');
		buf_add_c(out, '\n');
		l->last = '\n';
		in = str_from(in, 1);
	}
}
