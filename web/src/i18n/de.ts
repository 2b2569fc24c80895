import { compose } from './de/compose';
import { html } from './de/html';
import { keys } from './de/keys';
import { mail } from './de/mail';
import { settings } from './de/settings';
import type { Catalogues } from './index';

export const catalogues: Catalogues = { compose, html, keys, mail, settings };
