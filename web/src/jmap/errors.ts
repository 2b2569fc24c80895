/*
 * jmap/errors.ts - what can go wrong with a request, as one class.
 *
 * `kind` says what the caller can do about it; `type` is the server's own word
 * (RFC 8620, 3.6), `reference` the short name of a refusal such as [L-5M].
 */
export type ErrorKind =
	| 'offline' /* nothing answered: it is tried again when it is harmless */
	| 'expired' /* nobody is logged in any more */
	| 'busy' /* the server asks to come again later */
	| 'request' /* the whole request was refused */
	| 'method' /* one call was refused */
	| 'aborted'; /* the caller gave up */

export class JmapError extends Error {
	constructor(
		readonly kind: ErrorKind,
		readonly type: string,
		readonly description = '',
		readonly retryAfter = 0,
	) {
		super(description || type);
		this.name = 'JmapError';
	}

	/** The reference in the description, as `R-UNKNOWN`. */
	get reference(): string | undefined {
		return /\[([A-Z][A-Z0-9-]+)\]/.exec(this.description)?.[1];
	}
}
