/*
 * ui/lazy.tsx - a component that is loaded when it is first shown.
 *
 *	const Body = lazy(() => import('../html').then((m) => m.MessageBody));
 *
 * Nothing is shown until it is there; if it cannot be loaded (a new version was
 * installed meanwhile, the net is gone) the page says so and offers to reload.
 */
import { signal } from '@preact/signals';
import { type FunctionComponent, h } from 'preact';
import { t } from '../app/t';

export function lazy<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> & { preload: () => void } {
	const loaded = signal<FunctionComponent<P> | null>(null);
	const failed = signal(false);
	let begun = false;
	const preload = () => {
		if (begun)
			return;
		begun = true;
		load().then((c) => {
			loaded.value = c;
		}, () => {
			failed.value = true;
			begun = false;
		});
	};
	const Lazy = (p: P) => {
		preload();
		if (loaded.value)
			return h(loaded.value, p);
		if (failed.value)
			return <p class="notice warn">{t('loadFailed')} <button type="button" class="link" onClick={() => location.reload()}>{t('reload')}</button></p>;
		return <span class="pending" role="status" aria-label={t('loading')} />;
	};
	return Object.assign(Lazy, { preload });
}
