import { catalogue } from '../i18n';
import { en } from '../i18n/en/admin';

/** A message of the panel. */
export const t = catalogue('admin', en);
