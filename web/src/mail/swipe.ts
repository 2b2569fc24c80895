/* mail/swipe.ts - a swipe to the right is the first act of the toolbar that fits. */
import { actions, rowTarget } from './actions';

export function swiped(row: string): void {
	const x = rowTarget(row);
	actions.find((a) => a.group === 'bar' && a.show?.(x))?.run(x);
}
