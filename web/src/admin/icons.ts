/* Icons of the panel. */
import { addIcons } from '../ui/icons';

addIcons({
	globe: 'M9 2a7 7 0 1 0 0 14A7 7 0 0 0 9 2zM2 9h14M9 2c4.5 4.5 4.5 9.500 0 14M9 2c-4.500 4.500-4.500 9.500 0 14',
	gauge: 'M2.500 13a6.500 6.500 0 1 1 13 0M9 13l3.500-4.500M9 13h.01',
	phone: 'M5.5 2h7v14h-7zM8 13.5h2',
	key: 'M11 7.5a3.2 3.2 0 1 0-2.3 3.1L10 12h1.5v1.5H13V15h2.5v-2.5l-4.6-4.6',
});
