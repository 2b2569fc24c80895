/*
 * settings/filters.tsx - filters in words (WM-36): made, sorted, tried on the
 * last mail; the script itself in a tab of its own.
 */
import { useEffect, useState } from 'preact/hooks';
import { route } from '../app/router';
import { client } from '../app/session';
import { JmapError } from '../jmap/errors';
import type { Email, SieveScript } from '../jmap/types';
import { boxName, store } from '../mail/state';
import { shortDate } from '../mail/words';
import { confirm, openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { RuleForm } from './rule_form';
import { type Act, type Rule, type Script, type Test, keepOther, matches, newRule, readScript, writeScript } from './rules';
import { Loading, Page, useLoaded, useSaving } from './page';
import { t } from './t';

const NAME = 'webmail';

interface Loaded {
	/** The one that is active. */
	active: SieveScript | null;
	ours: SieveScript | null;
	text: string;
	script: Script | null;
}

async function textOf(s: SieveScript): Promise<string> {
	const r = await client.fetch(client.downloadUrl(s.blobId, 'script.sieve', 'application/sieve'), {}, true);
	return r.text();
}

async function load(): Promise<Loaded> {
	if (!store.boxIds.peek()) await store.loadMailboxes();
	const { list } = await client.call('SieveScript/get', { ids: null });
	const active = list.find((s) => s.isActive) ?? null;
	const ours = list.find((s) => s.name === NAME) ?? null;
	const text = active ? await textOf(active) : '';
	return { active, ours, text, script: active ? readScript(text) : { rules: [], other: null } };
}

async function putScript(text: string, ours: SieveScript | null): Promise<void> {
	const { blobId } = await client.upload(new Blob([text], { type: 'application/sieve' }));
	const r = await client.call('SieveScript/set', ours
		? { update: { [ours.id]: { blobId } }, onSuccessActivateScript: ours.id }
		: { create: { s: { name: NAME, blobId } }, onSuccessActivateScript: '#s' });
	const e = ours ? r.notUpdated?.[ours.id] : r.notCreated?.s;
	if (e) throw new JmapError('method', e.type, e.description ?? '');
}

/* ---- in words ---- */

const FIELDS: Record<Test['field'], Parameters<typeof t>[0]> = { from: 'fieldFrom', to: 'fieldTo', subject: 'fieldSubject', body: 'fieldBody', list: 'fieldList', header: 'fieldHeader', size: 'fieldSize' };
const OPS: Record<Test['op'], Parameters<typeof t>[0]> = { contains: 'opContains', not: 'opNot', is: 'opIs', begins: 'opBegins', ends: 'opEnds', over: 'opOver', under: 'opUnder' };

function folderWords(path: string, role?: string): string {
	const box = role ? store.byRole(role) : store.folders.value.find((f) => f.path === path)?.box;
	return box ? boxName(box) : path;
}

function testWords(x: Test): string {
	const field = x.field === 'header' ? (x.header ?? '') : t(FIELDS[x.field]);
	return x.field === 'size' ? `${field} ${t(OPS[x.op])} ${t('kilobytes', { n: Number(x.value) || 0 })}` : `${field} ${t(OPS[x.op])} \u201c${x.value}\u201d`;
}

function actWords(a: Act): string {
	switch (a.kind) {
	case 'move': return t('actMove', { folder: folderWords(a.folder, a.role) });
	case 'copy': return t('actCopy', { folder: folderWords(a.folder, a.role) });
	case 'trash': return t('actTrash');
	case 'star': return t('actStar');
	case 'read': return t('actRead');
	case 'label': return t('actLabel', { label: a.label });
	}
}

function words(r: Rule): { tests: string; acts: string } {
	return {
		tests: r.tests.map(testWords).join(r.all ? ` ${t('and')} ` : ` ${t('or')} `),
		acts: [...r.acts.map(actWords), ...(r.stop ? [t('actStop')] : [])].join(', '),
	};
}

/* ---- trying ---- */

const TRY = 50;

async function tryRule(r: Rule): Promise<void> {
	const q = client.call('Email/query', { sort: [{ property: 'receivedAt', isAscending: false }], limit: TRY });
	const needsBody = r.tests.some((x) => x.field === 'body');
	const e = await client.call('Email/get', {
		'#ids': q.ref('/ids'),
		properties: ['from', 'sender', 'to', 'cc', 'bcc', 'subject', 'size', 'headers', 'receivedAt', ...(needsBody ? ['textBody', 'bodyValues'] : [])],
		...(needsBody ? { fetchTextBodyValues: true, maxBodyValueBytes: 65536 } : {}),
	});
	const found = e.list.filter((m: Email) => matches(r, { ...m, text: Object.values(m.bodyValues ?? {}).map((v) => v.value).join('\n') }));
	openDialog({
		title: t('tryTitle', { n: found.length, of: e.list.length }),
		body: (close) => (
			<>
				<div class="dialog-body">
					{found.length ? <ul class="tried">{found.map((m) => <li key={m.id}><span class="dim">{shortDate(m.receivedAt)}</span> <b class="clip" dir="auto">{m.from?.[0]?.name || m.from?.[0]?.email || ''}</b> <span class="clip" dir="auto">{m.subject}</span></li>)}</ul> : <p>{t('tryNone')}</p>}
				</div>
				<div class="dialog-foot"><button type="button" class="button primary" autofocus onClick={close}>{t('close')}</button></div>
			</>
		),
	});
}

/* ---- the list ---- */

function List({ script, save, busy, first }: { script: Script; save: (s: Script) => Promise<boolean>; busy: boolean; first: Rule | null }) {
	const [open, setOpen] = useState<number | 'new' | null>(first ? 'new' : null);
	const [drag, setDrag] = useState<number | null>(null);
	/* Shown at once, and taken back when it is refused. */
	const [local, setLocal] = useState<Rule[] | null>(null);
	useEffect(() => setLocal(null), [script]);
	const rules = local ?? script.rules;
	const put = async (next: Rule[]): Promise<boolean> => {
		setLocal(next);
		const good = await save({ ...script, rules: next });
		if (!good) setLocal(null);
		return good;
	};
	const move = (from: number, to: number): void => {
		if (to < 0 || to >= rules.length || from === to) return;
		const next = [...rules];
		next.splice(to, 0, ...next.splice(from, 1));
		void put(next);
	};
	const remove = async (i: number): Promise<void> => {
		if (await confirm({ title: t('removeRule'), text: words(rules[i]!).tests, yes: t('remove'), danger: true })) void put(rules.filter((_, k) => k !== i));
	};
	return (
		<>
			{rules.length ? (
				<ol class="rows">
					{rules.map((r, i) => {
						const w = words(r);
						return (
							<li key={`${i}-${r.name}`} class={`row-item rule${r.on ? '' : ' off'}${drag === i ? ' dragged' : ''}`} draggable={open === null} onDragStart={() => setDrag(i)} onDragEnd={() => setDrag(null)}
								onDragOver={(e) => { if (drag !== null) e.preventDefault(); }} onDrop={() => { if (drag !== null) move(drag, i); setDrag(null); }}>
								<div class="row-head">
									<label class="check" title={t('ruleOn')}><input type="checkbox" checked={r.on} disabled={busy} aria-label={`${t('ruleOn')}: ${r.name || w.tests}`} onChange={(e) => void put(rules.map((x, k) => (k === i ? { ...x, on: e.currentTarget.checked } : x)))} /></label>
									<span class="grow">{r.name ? <><b dir="auto">{r.name}</b><br /></> : null}<span dir="auto">{t('ruleIf', { tests: w.tests })}</span><br /><span class="dim" dir="auto">{w.acts}</span></span>
									<button type="button" class="tool" disabled={busy || i === 0} aria-label={t('moveUp')} title={t('moveUp')} onClick={() => move(i, i - 1)}><Icon name="up" /></button>
									<button type="button" class="tool" disabled={busy || i === rules.length - 1} aria-label={t('moveDown')} title={t('moveDown')} onClick={() => move(i, i + 1)}><Icon name="down" /></button>
									<button type="button" class="button small quiet" onClick={() => void tryRule(r)}>{t('try')}</button>
									<button type="button" class="button small" aria-expanded={open === i} onClick={() => setOpen(open === i ? null : i)}>{t('edit')}</button>
									<button type="button" class="tool" disabled={busy} aria-label={t('removeRule')} title={t('removeRule')} onClick={() => void remove(i)}><Icon name="trash" /></button>
								</div>
								{open === i ? <RuleForm rule={r} onTry={(x) => void tryRule(x)} onCancel={() => setOpen(null)} onSave={(x) => put(rules.map((y, k) => (k === i ? x : y))).then((good) => { if (good) setOpen(null); })} /> : null}
							</li>
						);
					})}
				</ol>
			) : open === 'new' ? null : <p class="dim">{t('noRules')}</p>}
			{open === 'new'
				? <RuleForm rule={first ?? newRule()} onTry={(x) => void tryRule(x)} onCancel={() => setOpen(null)} onSave={(x) => put([...rules, x]).then((good) => { if (good) setOpen(null); })} />
				: <p><button type="button" class="button" onClick={() => setOpen('new')}><Icon name="plus" /> {t('newRule')}</button></p>}
			{script.other ? <p class="notice">{t('otherKept')}</p> : null}
		</>
	);
}

/* ---- the script ---- */

function Raw({ text, save, error }: { text: string; save: (text: string) => Promise<boolean>; error: string }) {
	const [now, setNow] = useState(text);
	useEffect(() => setNow(text), [text]);
	return (
		<form class="settings-form" onSubmit={(e) => { e.preventDefault(); void save(now); }}>
			<p class="dim">{t('rawText')}</p>
			<textarea class="input code-field" rows={18} spellcheck={false} aria-label={t('rawScript')} value={now} onInput={(e) => setNow(e.currentTarget.value)} />
			{error ? <p class="settings-error" role="alert">{error}</p> : null}
			<p><button class="button primary" disabled={now === text}>{t('saveScript')}</button></p>
		</form>
	);
}

/* "Create filter from this": the address stands in the page's. */
function asked(): Rule | null {
	const q = route.peek().query;
	const from = q.get('from'), list = q.get('list'), subject = q.get('subject');
	const tests: Test[] = [];
	if (list) tests.push({ field: 'list', op: 'contains', value: list });
	else if (from) tests.push({ field: 'from', op: 'contains', value: from });
	if (subject) tests.push({ field: 'subject', op: 'contains', value: subject });
	return tests.length ? { ...newRule(), tests } : null;
}

export function Filters() {
	const loaded = useLoaded(load);
	const saving = useSaving();
	const [raw, setRaw] = useState(false);
	const [first] = useState(asked);
	const v = loaded.value;
	const keep = (text: string): Promise<boolean> =>
		saving.run(() => putScript(text, v?.ours ?? null)).then((good) => {
			if (good) loaded.again();
			return good;
		});
	const foreign = v?.active && !v.script;
	return (
		<Page title={t('filters')} text={t('filtersText')}>
			{v ? (
				<>
					<div class="tabs" role="tablist">
						<button type="button" role="tab" class="tab" aria-selected={!raw} onClick={() => setRaw(false)}>{t('rules')}</button>
						<button type="button" role="tab" class="tab" aria-selected={raw} onClick={() => setRaw(true)}>{t('rawScript')}</button>
					</div>
					{raw ? <Raw text={v.text} save={keep} error={saving.error} /> : foreign ? (
						<>
							<p class="notice warn"><span class="grow">{v.active!.name === NAME ? t('changedByHand') : t('foreignScript', { name: v.active!.name })}</span></p>
							<pre class="code-field">{v.text}</pre>
							<p><button type="button" class="button" onClick={() => void keep(writeScript(keepOther(v.text)))}>{t('addOwnRules')}</button></p>
						</>
					) : <List script={v.script!} busy={saving.busy} first={first} save={(s) => keep(writeScript(s))} />}
					<p class="settings-save"><span class="settings-said" role="status">{saving.said}</span>{raw ? null : <span class="settings-error" role="alert">{saving.error}</span>}</p>
				</>
			) : <Loading {...loaded} />}
		</Page>
	);
}
