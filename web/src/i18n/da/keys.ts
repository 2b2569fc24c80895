export const keys: Record<string, string> = {
	keys: 'Tastatur',
	keysText: 'En tast til hver handling. Tryk på knappen og så på den tast, du vil have; taster med Ctrl er ikke til genveje med én tast.',
	keysOn: 'Genveje med én tast',
	change: 'Skift',
	press: 'Tryk på en tast',
	none: 'ingen',
	taken: '{key} bruges allerede til {name}.',
	reset: 'Sæt alle tilbage',
	changed: '{name} har nu tasten {key}.',
};
