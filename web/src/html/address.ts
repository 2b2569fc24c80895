/*
 * html/address.ts - the addresses that a mail may name.
 *
 * Links are read as a browser reads them (URL), so tabs and entities inside
 * "java script:" hide nothing, and only listed schemes come through.  What a
 * picture names is fetched from this host alone: a part of the mail (cid:),
 * the picture itself (data:), or the proxy /image.
 */

const LINKS = new Set(['http:', 'https:', 'mailto:', 'tel:', 'sms:']);

const PICTURE_TYPES = 'png|jpe?g|gif|webp|bmp|avif|x-icon';

const DATA = new RegExp(`^data:image/(${PICTURE_TYPES});base64,` + '[A-Za-z0-9+/=\\s%]*$', 'i');

export const PROXY = '/image?url=';

function parse(address: string): URL | null {
	try {
		return new URL(address);
	} catch {
		return null;
	}
}

/* As it may stand in href, or null.  "#place" stays within the mail. */
export function linkAddress(address: string): string | null {
	const s = address.trim();
	if (/^#[^\s<>"]{0,200}$/.test(s)) return s;
	const url = parse(s);
	return url && LINKS.has(url.protocol) ? url.href : null;
}

/* The http or https address of a picture elsewhere, or null. */
export function remoteAddress(address: string): string | null {
	const s = address.trim();
	const url = parse(s.startsWith('//') ? 'https:' + s : s);
	if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
	url.username = url.password = '';
	return url.href;
}

export function proxied(address: string): string {
	return PROXY + encodeURIComponent(address);
}

/* Is it one that proxied() wrote? */
export function isProxied(address: string): boolean {
	if (!address.startsWith(PROXY)) return false;
	try {
		const inner = decodeURIComponent(address.slice(PROXY.length));
		return remoteAddress(inner) === inner && proxied(inner) === address;
	} catch {
		return false;
	}
}

export function isPictureData(address: string): boolean {
	return DATA.test(address);
}

/* May a part of this type be shown as a picture? */
export function isPictureType(type: string): boolean {
	return new RegExp(`^image/(${PICTURE_TYPES})$`, 'i').test(type.trim());
}

/* "<a@b>", "cid:a@b" and "a%40b" are the same part. */
export function cidKey(cid: string): string {
	let s = cid.trim().replace(/^cid:/i, '').replace(/^<|>$/g, '');
	try {
		s = decodeURIComponent(s);
	} catch {
		/* as it is */
	}
	return s.toLowerCase();
}
