/*
 * settings/signature.tsx - a formatted signature, in the editor of mail.
 */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadStyle } from '../app/look';
import { prepare } from '../html/sanitize';
import type { RichProps } from '../compose/rich';
import { t } from './t';

const NONE = new Map<string, string>();

/* Pictures in a signature are small, and go within it. */
const PICTURE_MAX = 64 * 1024;

function inserted(files: File[], insert: (url: string) => void): void {
	for (const f of files.filter((x) => x.size <= PICTURE_MAX)) {
		const r = new FileReader();
		r.onload = () => insert(String(r.result));
		r.readAsDataURL(f);
	}
}

export function SignatureEditor({ html, onHtml }: { html: string; onHtml: (html: string, text: string) => void }) {
	const [Rich, setRich] = useState<ComponentType<RichProps> | null>(null);
	const [first] = useState(html);
	useEffect(() => {
		void Promise.all([import('../compose/rich'), import('../compose/icons'), loadStyle('compose'), prepare()]).then(([m]) => setRich(() => m.Rich));
	}, []);
	let handle: Parameters<RichProps['handle']>[0] = null;
	if (!Rich) return <p class="dim" role="status">{t('loading')}</p>;
	return (
		<div class="signature-editor">
			<Rich html={first} cids={NONE} focus={false} handle={(h) => { handle = h; }} onHtml={onHtml} onFiles={(files) => inserted(files, (url) => handle?.picture(url, ''))} />
		</div>
	);
}
