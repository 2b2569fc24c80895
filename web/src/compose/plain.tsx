/*
 * compose/plain.tsx - plain text is written in the browser's own field.
 */
import { useEffect, useRef } from 'preact/hooks';
import { t } from './t';

export interface PlainProps {
	text: string;
	focus: boolean;
	onText: (text: string) => void;
	onFiles: (files: File[]) => void;
}

export function Plain({ text, focus, onText, onFiles }: PlainProps) {
	const field = useRef<HTMLTextAreaElement>(null);
	useEffect(() => {
		const f = field.current!;
		/* Before what is quoted, and in sight. */
		f.setSelectionRange(0, 0);
		f.scrollTop = 0;
		if (focus) f.focus({ preventScroll: true });
	}, []);
	return (
		<textarea ref={field} class="cbody cplain" aria-label={t('body')} value={text} dir="auto" spellcheck
			onInput={(e) => onText(e.currentTarget.value)}
			onPaste={(e) => {
				const files = [...(e.clipboardData?.files ?? [])];
				if (!files.length || e.clipboardData?.types.includes('text/plain')) return;
				e.preventDefault();
				onFiles(files);
			}} />
	);
}
