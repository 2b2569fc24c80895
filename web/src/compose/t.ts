import { catalogue } from '../i18n';
import { en } from '../i18n/en/compose';

/** A message about writing. */
export const t = catalogue('compose', en);
