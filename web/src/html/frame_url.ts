/** The empty page that runs no script (src/webmail serves it). */
export const FRAME_URL = '/frame';
