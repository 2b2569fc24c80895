/* Icons of the settings. */
import { addIcons } from '../ui/icons';

addIcons({
	key: 'M11 7.5a3.2 3.2 0 1 0-2.3 3.1L10 12h1.5v1.5H13V15h2.5v-2.5l-4.6-4.6',
	filter: 'M2.5 3.5h13l-5 6v5l-3-1.5v-3.5z',
	bell: 'M9 2.5a4.5 4.5 0 0 0-4.5 4.5v3.5L3 13h12l-1.5-2.5V7A4.5 4.5 0 0 0 9 2.5zM7.5 15.5h3',
	phone: 'M5.5 2h7v14h-7zM8 13.5h2',
	import: 'M9 2.5v8M5.5 7.5L9 11l3.5-3.5M3 12v3.5h12V12',
});
