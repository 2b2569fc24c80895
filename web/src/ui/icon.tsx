/* An icon of icons.svg; decoration unless it has a label. */
export function Icon({ name, label, class: more }: { name: string; label?: string; class?: string }) {
	return (
		<svg class={`icon${more ? ` ${more}` : ''}`} width="18" height="18" role={label ? 'img' : undefined} aria-label={label} aria-hidden={label ? undefined : 'true'}>
			{label ? <title>{label}</title> : null}
			<use href={`#i-${name}`} />
		</svg>
	);
}
