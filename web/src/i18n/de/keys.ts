export const keys: Record<string, string> = {
	keys: 'Tastatur',
	keysText: 'Eine Taste für jede Aktion. Den Knopf drücken, dann die gewünschte Taste; Tasten mit Strg sind nicht für Kürzel aus einer Taste.',
	keysOn: 'Kürzel aus einer Taste',
	change: 'Ändern',
	press: 'Eine Taste drücken',
	none: 'keine',
	taken: '{key} gehört schon zu {name}.',
	reset: 'Alle zurücksetzen',
	changed: '{name} hat jetzt die Taste {key}.',
};
