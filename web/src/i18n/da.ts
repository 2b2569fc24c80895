import { compose } from './da/compose';
import { html } from './da/html';
import { keys } from './da/keys';
import { mail } from './da/mail';
import { settings } from './da/settings';
import type { Catalogues } from './index';

export const catalogues: Catalogues = { compose, html, keys, mail, settings };
