/*
 * mail/rare.ts - what is seldom asked for, as one part that is loaded then: many
 * small ones would each bring the names of what they use, and pack worse.
 */
export { showExport } from './export';
export { showHelp } from './help';
export { showPreview } from './preview';
export { printMessage } from './print';
export { showSource } from './source';
export { showTrail } from './trail';
