/* admin/dns.tsx - the records a domain needs, each to be copied, and how DNS has them. */
import { toast } from '../ui/toast';
import { type DnsRecord, type Domain, type Page, get, path } from './api';
import { CheckList } from './checks';
import { Copy, Data, Mark, useLoad } from './data';
import { t } from './t';

function download(name: string, text: string): void {
	const a = document.createElement('a');
	a.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

function Row({ r }: { r: DnsRecord }) {
	return (
		<li class={`record rail-${r.needed ? 'accent' : 'none'}`}>
			<header><b>{r.for}</b><span class="chip">{r.type}</span>{r.needed ? <Mark tone="accent">{t('needed')}</Mark> : <Mark tone="none">{t('wise')}</Mark>}{r.state ? <Mark tone={r.state === 'signs' ? 'ok' : 'warn'}>{t('keyState', { state: r.state })}</Mark> : null}</header>
			<Copy text={r.name} label={t('name')} />
			<Copy text={r.value} label={r.for} />
		</li>
	);
}

export function Dns({ domain }: { domain: string }) {
	const of = useLoad<Page<DnsRecord>>(domain, () => get(path('/domains/{}/records', domain)));
	return (
		<section>
			<header class="page-head"><h1>{t('dnsOf', { domain })}</h1></header>
			<p class="lead">{t('dnsText')}</p>
			<CheckList of={path('/domains/{}/check', domain)} known={async () => (await get<Domain>(path('/domains/{}', domain))).check?.time ?? null} />
			<Data of={of}>{(p) => {
				const zone = p.items.map((r) => `${r.name}. ${r.type} ${r.data}\n`).join('');
				return (
					<>
						<header class="page-head sub"><h2>{t('records')}</h2>
							<button type="button" class="button small" onClick={() => void navigator.clipboard.writeText(zone).then(() => toast({ text: t('copied') }))}>{t('copyAll')}</button>
							<button type="button" class="button small" onClick={() => download(`${domain}.zone`, zone)}>{t('downloadZone')}</button>
						</header>
						<ul class="records">{p.items.map((r, i) => <Row key={i} r={r} />)}</ul>
					</>
				);
			}}</Data>
		</section>
	);
}
