/* The messages of settings/keys. */
export const en = {
	keys: 'Keyboard',
	keysText: 'One key for each action. Press the button, then the key you want; keys after Ctrl are not for single-key shortcuts.',
	keysOn: 'Shortcuts of one key',
	change: 'Change',
	press: 'Press a key',
	none: 'none',
	taken: '{key} is already used for {name}.',
	reset: 'Set all back',
	changed: '{name} has the key {key} now.',
};
