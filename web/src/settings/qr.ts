/*
 * settings/qr.ts - a text as a QR code (ISO/IEC 18004): bytes, level M, up to
 * version 15, which is more than any otpauth: address needs.  Drawn here: the
 * secret goes to nobody.
 */

/* Of each version at level M: error bytes a block, blocks, and the data bytes of
 * the shorter blocks (the last ones are a byte longer: see `total`). */
const VERSIONS: readonly [total: number, ecc: number, blocks: number][] = [
	[26, 10, 1], [44, 16, 1], [70, 26, 1], [100, 18, 2], [134, 24, 2], [172, 16, 4], [196, 18, 4], [242, 22, 4],
	[292, 22, 5], [346, 26, 5], [404, 30, 5], [466, 22, 8], [532, 22, 9], [581, 24, 9], [655, 24, 10],
];

const ALIGN: readonly (readonly number[])[] = [
	[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50], [6, 30, 54], [6, 32, 58], [6, 34, 62],
	[6, 26, 46, 66], [6, 26, 48, 70],
];

/* ---- arithmetic in GF(256) ---- */

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
	EXP[i] = EXP[i + 255] = x;
	LOG[x] = i;
	x = (x << 1) ^ (x & 128 ? 0x11d : 0);
}

const times = (a: number, b: number): number => (a && b ? EXP[LOG[a]! + LOG[b]!]! : 0);

function generator(n: number): Uint8Array {
	let g = new Uint8Array([1]);
	for (let i = 0; i < n; i++) {
		const next = new Uint8Array(g.length + 1);
		g.forEach((c, k) => {
			next[k]! ^= c;
			next[k + 1]! ^= times(c, EXP[i]!);
		});
		g = next;
	}
	return g;
}

function remainder(data: Uint8Array, ecc: number): Uint8Array {
	const g = generator(ecc);
	const r = new Uint8Array(data.length + ecc);
	r.set(data);
	for (let i = 0; i < data.length; i++) {
		const f = r[i]!;
		if (f) g.forEach((c, k) => (r[i + k]! ^= times(c, f)));
	}
	return r.slice(data.length);
}

/* ---- the bytes ---- */

function dataBytes(version: number): number {
	const [total, ecc, blocks] = VERSIONS[version - 1]!;
	return total - ecc * blocks;
}

function codewords(text: Uint8Array, version: number): Uint8Array {
	const size = dataBytes(version);
	const out = new Uint8Array(size);
	let bit = 0;
	const put = (value: number, n: number): void => {
		for (let i = n - 1; i >= 0; i--, bit++) if ((value >> i) & 1) out[bit >> 3]! |= 128 >> (bit & 7);
	};
	put(4, 4);
	put(text.length, version < 10 ? 8 : 16);
	text.forEach((c) => put(c, 8));
	put(0, Math.min(4, size * 8 - bit));
	for (let i = Math.ceil(bit / 8), pad = 0xec; i < size; i++, pad ^= 0xec ^ 0x11) out[i] = pad;
	return out;
}

function interleaved(data: Uint8Array, version: number): Uint8Array {
	const [total, ecc, blocks] = VERSIONS[version - 1]!;
	const short = Math.floor(data.length / blocks);
	const long = data.length % blocks;
	const parts: Uint8Array[] = [];
	for (let i = 0, at = 0; i < blocks; i++) {
		const n = short + (i >= blocks - long ? 1 : 0);
		parts.push(data.slice(at, at + n));
		at += n;
	}
	const errors = parts.map((p) => remainder(p, ecc));
	const out = new Uint8Array(total);
	let k = 0;
	for (let i = 0; i <= short; i++) for (const p of parts) if (i < p.length) out[k++] = p[i]!;
	for (let i = 0; i < ecc; i++) for (const e of errors) out[k++] = e[i]!;
	return out;
}

/* ---- the square ---- */

class Square {
	readonly dark: Uint8Array;
	readonly fixed: Uint8Array;

	constructor(readonly size: number) {
		this.dark = new Uint8Array(size * size);
		this.fixed = new Uint8Array(size * size);
	}

	set(x: number, y: number, dark: boolean): void {
		if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
		this.dark[y * this.size + x] = dark ? 1 : 0;
		this.fixed[y * this.size + x] = 1;
	}

	ring(cx: number, cy: number, reach: number, darkAt: (d: number) => boolean): void {
		for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) this.set(cx + x, cy + y, darkAt(Math.max(Math.abs(x), Math.abs(y))));
	}
}

function patterns(q: Square, version: number): void {
	const end = q.size - 4;
	for (let i = 8; i < q.size - 8; i++) {
		q.set(6, i, i % 2 === 0);
		q.set(i, 6, i % 2 === 0);
	}
	for (const [x, y] of [[3, 3], [end, 3], [3, end]] as const) q.ring(x, y, 4, (d) => d !== 2 && d !== 4);
	const at = ALIGN[version - 1]!;
	const last = at.length - 1;
	at.forEach((y, i) => at.forEach((x, k) => {
		const corner = (i === 0 && k === 0) || (i === 0 && k === last) || (i === last && k === 0);
		if (!corner) q.ring(x, y, 2, (d) => d !== 1);
	}));
	q.set(8, q.size - 8, true);
}

function bch(value: number, poly: number, bits: number): number {
	let r = value << bits;
	for (let i = 31; i >= bits; i--) if ((r >>> i) & 1) r ^= poly << (i - bits);
	return (value << bits) | r;
}

function format(q: Square, mask: number): void {
	/* Level M is 00. */
	const bits = bch(mask, 0x537, 10) ^ 0x5412;
	const on = (i: number): boolean => ((bits >> i) & 1) === 1;
	for (let i = 0; i < 15; i++) {
		/* Past the row and column of dots. */
		if (i < 8) q.set(8, i < 6 ? i : i + 1, on(i));
		else q.set(i === 8 ? 7 : 14 - i, 8, on(i));
		if (i < 8) q.set(q.size - 1 - i, 8, on(i));
		else q.set(8, q.size - 15 + i, on(i));
	}
}

function versionBits(q: Square, version: number): void {
	if (version < 7) return;
	const bits = bch(version, 0x1f25, 12);
	for (let i = 0; i < 18; i++) {
		const on = ((bits >> i) & 1) === 1;
		const a = q.size - 11 + (i % 3), b = Math.floor(i / 3);
		q.set(a, b, on);
		q.set(b, a, on);
	}
}

function fill(q: Square, bytes: Uint8Array): void {
	let bit = 0;
	for (let right = q.size - 1; right >= 1; right -= 2) {
		if (right === 6) right = 5;
		for (let v = 0; v < q.size; v++)
			for (let k = 0; k < 2; k++) {
				const x = right - k;
				const y = ((right + 1) & 2) === 0 ? q.size - 1 - v : v;
				const i = y * q.size + x;
				if (q.fixed[i]) continue;
				q.dark[i] = bit < bytes.length * 8 ? (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1 : 0;
				bit++;
			}
	}
}

const MASKS: ((x: number, y: number) => boolean)[] = [
	(x, y) => (x + y) % 2 === 0,
	(_, y) => y % 2 === 0,
	(x) => x % 3 === 0,
	(x, y) => (x + y) % 3 === 0,
	(x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
	(x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
	(x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
	(x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function masked(q: Square, mask: number): void {
	for (let y = 0; y < q.size; y++) for (let x = 0; x < q.size; x++) if (!q.fixed[y * q.size + x] && MASKS[mask]!(x, y)) q.dark[y * q.size + x]! ^= 1;
}

/* Long runs and blocks are hard to read: the fewer, the better. */
function penalty(q: Square): number {
	const n = q.size;
	const at = (x: number, y: number): number => q.dark[y * n + x]!;
	let sum = 0;
	let darks = 0;
	for (let a = 0; a < n; a++)
		for (const get of [(b: number) => at(b, a), (b: number) => at(a, b)]) {
			let run = 0;
			let line = '';
			for (let b = 0; b < n; b++) {
				run = b && get(b) === get(b - 1) ? run + 1 : 1;
				if (run === 5) sum += 3;
				else if (run > 5) sum++;
				line += get(b);
			}
			for (const bad of ['10111010000', '00001011101']) for (let i = line.indexOf(bad); i >= 0; i = line.indexOf(bad, i + 1)) sum += 40;
		}
	for (let y = 0; y < n; y++)
		for (let x = 0; x < n; x++) {
			darks += at(x, y);
			if (x && y && at(x, y) === at(x - 1, y) && at(x, y) === at(x, y - 1) && at(x, y) === at(x - 1, y - 1)) sum += 3;
		}
	return sum + Math.floor(Math.abs((darks * 20) / (n * n) - 10)) * 10;
}

export interface Qr {
	size: number;
	dark(x: number, y: number): boolean;
}

/** null when the text is too long. */
export function qrCode(text: string): Qr | null {
	const bytes = new TextEncoder().encode(text);
	let version = 1;
	while (version <= VERSIONS.length && dataBytes(version) < bytes.length + (version < 10 ? 2 : 3)) version++;
	if (version > VERSIONS.length) return null;
	const q = new Square(17 + 4 * version);
	patterns(q, version);
	format(q, 0);
	versionBits(q, version);
	fill(q, interleaved(codewords(bytes, version), version));
	let best = 0;
	let least = Infinity;
	for (let m = 0; m < 8; m++) {
		masked(q, m);
		format(q, m);
		const p = penalty(q);
		if (p < least) {
			least = p;
			best = m;
		}
		masked(q, m);
	}
	masked(q, best);
	format(q, best);
	return { size: q.size, dark: (x, y) => q.dark[y * q.size + x] === 1 };
}

/** One path for <svg viewBox="0 0 size size">. */
export function qrPath(q: Qr): string {
	let d = '';
	for (let y = 0; y < q.size; y++) for (let x = 0; x < q.size; x++) if (q.dark(x, y)) d += `M${x} ${y}h1v1h-1z`;
	return d;
}
