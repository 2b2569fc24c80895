#include "relay/schedule.h"

int64_t relay_schedule_wait(const struct relay_schedule *s, unsigned failures,
                            uint64_t random)
{
	int64_t us = s->first_us > 0 ? s->first_us : 1, span;

	while (failures-- > 1 && us < s->most_us)
		us *= 2;
	if (us > s->most_us)
		us = s->most_us;
	span = us / 5;
	if (span <= 0)
		return us;
	return us - span / 2 + (int64_t)(random % (uint64_t)(span + 1));
}
