/* What the unit tests use of node; the program itself has none of it. */
declare module 'node:test' {
	export function test(name: string, run: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
	const assert: {
		equal(got: unknown, want: unknown, words?: string): void;
		deepEqual(got: unknown, want: unknown, words?: string): void;
		ok(value: unknown, words?: string): asserts value;
		match(got: string, want: RegExp, words?: string): void;
		throws(run: () => unknown, want?: RegExp): void;
		rejects(run: Promise<unknown>, want?: RegExp): Promise<void>;
	};
	export default assert;
}
declare module 'node:fs' {
	export function readFileSync(path: string, encoding: 'utf8'): string;
}
