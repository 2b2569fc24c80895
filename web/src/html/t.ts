import { catalogue } from '../i18n';
import { en } from '../i18n/en/html';

/** A message about the body of a mail. */
export const t = catalogue('html', en);
