/*
 * settings/device.ts - "Firefox, Linux" of a User-Agent: a guess, for people.
 */
const BROWSERS: [RegExp, string][] = [
	[/Edg(?:e|A|iOS)?\//, 'Edge'], [/OPR\/|Opera/, 'Opera'], [/Vivaldi/, 'Vivaldi'], [/SamsungBrowser/, 'Samsung Internet'], [/Firefox\/|FxiOS/, 'Firefox'],
	[/CriOS|Chrome\/|Chromium/, 'Chrome'], [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
	[/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux|X11/, 'Linux'],
];

export function deviceOf(agent: string): string {
	const name = (rows: [RegExp, string][]): string => rows.find(([p]) => p.test(agent))?.[1] ?? '';
	return [name(BROWSERS), name(SYSTEMS)].filter(Boolean).join(', ');
}
