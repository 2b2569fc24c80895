import { catalogue } from '../i18n';
import { en } from '../i18n/en/mail';

/** A message of the webmail. */
export const t = catalogue('mail', en);
