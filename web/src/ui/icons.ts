/*
 * ui/icons.ts - icons that come with a part which is loaded later.
 *
 *	addIcons({ bold: 'M5 3...' })		then <Icon name="bold"/>
 */
const SVG = 'http://www.w3.org/2000/svg';

/** Paths on a field of 18 by 18, as those of icons.svg. */
export function addIcons(paths: Record<string, string>): void {
	const sprite = document.querySelector('.sprite');
	for (const [name, d] of Object.entries(paths)) {
		if (!sprite || document.getElementById(`i-${name}`))
			continue;
		const symbol = document.createElementNS(SVG, 'symbol');
		const path = document.createElementNS(SVG, 'path');
		symbol.id = `i-${name}`;
		symbol.setAttribute('viewBox', '0 0 18 18');
		path.setAttribute('d', d);
		symbol.append(path);
		sprite.append(symbol);
	}
}
