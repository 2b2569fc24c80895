import { catalogue } from '../i18n';
import { en } from '../i18n/en/settings';

/** A message of the settings. */
export const t = catalogue('settings', en);
