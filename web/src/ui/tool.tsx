/*
 * ui/tool.tsx - a button of a toolbar: an icon with a name, and its key in the
 * tip.  A click with the mouse shows the key for a moment, so that it is learnt.
 */
import { useEffect, useState } from 'preact/hooks';
import { prefs } from '../app/prefs';
import { Icon } from './icon';

export interface ToolProps {
	icon: string;
	label: string;
	keys?: string;
	text?: boolean; /* the name is shown too */
	pressed?: boolean;
	filled?: boolean;
	disabled?: boolean;
	popup?: boolean;
	class?: string;
	run: (e: MouseEvent) => void;
}

export function Tool(p: ToolProps) {
	const [shown, setShown] = useState(false);
	useEffect(() => {
		if (!shown)
			return undefined;
		const timer = setTimeout(() => setShown(false), 1200);
		return () => clearTimeout(timer);
	}, [shown]);
	const keys = prefs.keys.value ? p.keys : undefined;
	return (
		<button type="button" class={`tool ${p.class ?? ''}`} aria-label={p.text ? undefined : p.label} title={keys ? `${p.label} (${keys})` : p.label}
			aria-pressed={p.pressed} aria-haspopup={p.popup ? 'menu' : undefined} aria-keyshortcuts={keys} disabled={p.disabled}
			onClick={(e) => {
				if (keys && e.detail > 0)
					setShown(true);
				p.run(e);
			}}>
			<Icon name={p.icon} class={p.filled ? 'filled' : undefined} />
			{p.text ? <span>{p.label}</span> : null}
			{shown ? <span class="pressed" aria-hidden="true">{keys}</span> : null}
		</button>
	);
}
