/*
 * settings/rule_form.tsx - one rule: when, and then what.
 */
import { useState } from 'preact/hooks';
import { boxName, store } from '../mail/state';
import { Icon } from '../ui/icon';
import { type Act, type Field, type Op, type Rule, type Test, problemOf } from './rules';
import { t } from './t';

const FIELD_NAMES: [Field, Parameters<typeof t>[0]][] = [
	['from', 'fieldFrom'], ['to', 'fieldTo'], ['subject', 'fieldSubject'], ['body', 'fieldBody'], ['list', 'fieldList'], ['header', 'fieldHeader'], ['size', 'fieldSize'],
];
const OP_NAMES: [Op, Parameters<typeof t>[0]][] = [['contains', 'opContains'], ['not', 'opNot'], ['is', 'opIs'], ['begins', 'opBegins'], ['ends', 'opEnds']];
const SIZE_OPS: [Op, Parameters<typeof t>[0]][] = [['over', 'opOver'], ['under', 'opUnder']];
const ACT_NAMES: [Act['kind'], Parameters<typeof t>[0]][] = [['move', 'doMove'], ['copy', 'doCopy'], ['trash', 'actTrash'], ['star', 'actStar'], ['read', 'actRead'], ['label', 'doLabel']];
const PROBLEMS = { noTest: 'ruleNoTest', emptyTest: 'ruleEmptyTest', noAct: 'ruleNoAct', emptyAct: 'ruleEmptyAct' } as const;

function TestRow({ of: x, n, onChange, onRemove }: { of: Test; n: number; onChange: (x: Test) => void; onRemove?: () => void }) {
	const ops = x.field === 'size' ? SIZE_OPS : OP_NAMES;
	const field = (f: Field): void => onChange({ ...x, field: f, op: f === 'size' ? 'over' : x.field === 'size' ? 'contains' : x.op, ...(f === 'size' && !(Number(x.value) > 0) ? { value: '10240' } : {}) });
	return (
		<div class="rule-row" role="group" aria-label={t('condition', { n })}>
			<select aria-label={t('ruleField')} value={x.field} onChange={(e) => field(e.currentTarget.value as Field)}>{FIELD_NAMES.map(([v, k]) => <option key={v} value={v}>{t(k)}</option>)}</select>
			{x.field === 'header' ? <input class="input" aria-label={t('headerName')} placeholder="X-Name" value={x.header ?? ''} onInput={(e) => onChange({ ...x, header: e.currentTarget.value })} /> : null}
			<select aria-label={t('ruleOp')} value={x.op} onChange={(e) => onChange({ ...x, op: e.currentTarget.value as Op })}>{ops.map(([v, k]) => <option key={v} value={v}>{t(k)}</option>)}</select>
			<input class="input" aria-label={t('ruleValue')} type={x.field === 'size' ? 'number' : 'text'} min={1} value={x.value} dir="auto" onInput={(e) => onChange({ ...x, value: e.currentTarget.value })} />
			{x.field === 'size' ? <span class="dim">KB</span> : null}
			{onRemove ? <button type="button" class="tool" aria-label={t('removeCondition', { n })} onClick={onRemove}><Icon name="x" /></button> : null}
		</div>
	);
}

function actOf(kind: Act['kind']): Act {
	if (kind === 'move' || kind === 'copy') return { kind, folder: '' };
	return kind === 'label' ? { kind, label: '' } : { kind };
}

function FolderPick({ value, onPick }: { value: string; onPick: (folder: string, role?: string) => void }) {
	const list = store.folders.value;
	return (
		<select aria-label={t('folder')} value={value} onChange={(e) => {
			const f = list.find((x) => x.path === e.currentTarget.value);
			if (f) onPick(f.path, f.box.role && f.box.role !== 'inbox' ? f.box.role : undefined);
		}}>
			<option value="" disabled>{t('chooseFolder')}</option>
			{value && !list.some((f) => f.path === value) ? <option value={value}>{value}</option> : null}
			{list.map((f) => <option key={f.box.id} value={f.path}>{`${'\u2003'.repeat(f.depth)}${boxName(f.box)}`}</option>)}
		</select>
	);
}

function ActRow({ of: a, n, onChange, onRemove }: { of: Act; n: number; onChange: (a: Act) => void; onRemove: () => void }) {
	return (
		<div class="rule-row" role="group" aria-label={t('actionN', { n })}>
			<select aria-label={t('ruleAct')} value={a.kind} onChange={(e) => onChange(actOf(e.currentTarget.value as Act['kind']))}>{ACT_NAMES.map(([v, k]) => <option key={v} value={v}>{t(k)}</option>)}</select>
			{a.kind === 'move' || a.kind === 'copy' ? <FolderPick value={a.folder} onPick={(folder, role) => onChange({ kind: a.kind, folder, ...(role ? { role } : {}) })} /> : null}
			{a.kind === 'label' ? <input class="input" aria-label={t('label')} value={a.label} onInput={(e) => onChange({ ...a, label: e.currentTarget.value.trim().toLowerCase() })} /> : null}
			<button type="button" class="tool" aria-label={t('removeAction', { n })} onClick={onRemove}><Icon name="x" /></button>
		</div>
	);
}

export function RuleForm({ rule, onSave, onCancel, onTry }: { rule: Rule; onSave: (r: Rule) => Promise<void>; onCancel: () => void; onTry: (r: Rule) => void }) {
	const [r, setR] = useState<Rule>(rule.acts.length ? rule : { ...rule, acts: [{ kind: 'move', folder: '' }] });
	const [shown, setShown] = useState(false);
	const problem = problemOf(r);
	const set = (patch: Partial<Rule>): void => setR({ ...r, ...patch });
	const at = <T,>(list: T[], i: number, v: T): T[] => list.map((x, k) => (k === i ? v : x));
	return (
		<form class="settings-form rule-form" onSubmit={(e) => {
			e.preventDefault();
			setShown(true);
			if (!problem) void onSave(r);
		}}>
			<label class="field"><span>{t('ruleName')}</span><input class="input" maxLength={100} value={r.name} placeholder={t('optional')} dir="auto" onInput={(e) => set({ name: e.currentTarget.value })} /></label>
			<fieldset>
				<legend>
					<select aria-label={t('ruleAll')} value={r.all ? 'all' : 'any'} onChange={(e) => set({ all: e.currentTarget.value === 'all' })}><option value="all">{t('whenAll')}</option><option value="any">{t('whenAny')}</option></select>
				</legend>
				{r.tests.map((x, i) => <TestRow key={i} of={x} n={i + 1} onChange={(v) => set({ tests: at(r.tests, i, v) })} onRemove={r.tests.length > 1 ? () => set({ tests: r.tests.filter((_, k) => k !== i) }) : undefined} />)}
				<button type="button" class="button small quiet" onClick={() => set({ tests: [...r.tests, { field: 'subject', op: 'contains', value: '' }] })}><Icon name="plus" /> {t('addCondition')}</button>
			</fieldset>
			<fieldset>
				<legend>{t('then')}</legend>
				{r.acts.map((a, i) => <ActRow key={i} of={a} n={i + 1} onChange={(v) => set({ acts: at(r.acts, i, v) })} onRemove={() => set({ acts: r.acts.filter((_, k) => k !== i) })} />)}
				<button type="button" class="button small quiet" onClick={() => set({ acts: [...r.acts, { kind: 'star' }] })}><Icon name="plus" /> {t('addAction')}</button>
			</fieldset>
			<label class="check"><input type="checkbox" checked={r.stop} onChange={(e) => set({ stop: e.currentTarget.checked })} /><span>{t('ruleStop')}</span></label>
			{shown && problem ? <p class="settings-error" role="alert">{t(PROBLEMS[problem])}</p> : null}
			<p class="settings-save">
				<button class="button primary">{t('saveRule')}</button>
				<button type="button" class="button" onClick={() => onTry(r)}>{t('tryRule')}</button>
				<button type="button" class="button quiet" onClick={onCancel}>{t('cancel')}</button>
			</p>
		</form>
	);
}
