/*
 * ui/splitter.tsx - the line between two panes, drawn by the mouse or moved by
 * the arrow keys (WAI-ARIA window splitter).
 */
import type { Signal } from '@preact/signals';

export function Splitter({ width, min, max, label }: { width: Signal<number>; min: number; max: number; label: string }) {
	const set = (w: number) => {
		width.value = Math.round(Math.min(Math.max(w, min), max));
	};
	const sign = () => (document.documentElement.dir === 'rtl' ? -1 : 1);
	return (
		<div class="splitter" role="separator" aria-orientation="vertical" aria-label={label} aria-valuenow={width.value} aria-valuemin={min} aria-valuemax={max} tabIndex={0}
			onPointerDown={(e) => {
				const from = e.clientX;
				const was = width.peek();
				const el = e.currentTarget;
				el.setPointerCapture(e.pointerId);
				el.onpointermove = (m) => set(was + sign() * (m.clientX - from));
				el.onpointerup = el.onpointercancel = () => {
					el.onpointermove = null;
				};
			}}
			onKeyDown={(e) => {
				const step = e.key === 'ArrowLeft' ? -sign() : e.key === 'ArrowRight' ? sign() : 0;
				if (e.key === 'Home')
					set(min);
				else if (e.key === 'End')
					set(max);
				else if (step)
					set(width.peek() + step * 16);
				else
					return;
				e.preventDefault();
				e.stopPropagation();
			}} />
	);
}
