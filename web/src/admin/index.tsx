/*
 * admin/index.tsx - the panel: for who administers domains, and for who runs
 * the host.
 *
 *	/admin/                      the domains
 *	/admin/domain/NAME/PAGE      addresses, dns, limits, trace, queue, waiting, removed,
 *	                             settings, audit
 *	/admin/host/PAGE             health, queue, held, admins, audit, look
 */
import { useEffect } from 'preact/hooks';
import { loadStyle } from '../app/look';
import { go, route } from '../app/router';
import { Icon } from '../ui/icon';
import './icons';
import { Addresses } from './addresses';
import { Admins } from './admins';
import { type Self, get } from './api';
import { Audit } from './audit';
import { Data, Trouble, useLoad } from './data';
import { Dns } from './dns';
import { Domains } from './domains';
import { Held } from './held';
import { Health } from './health';
import { Limits } from './limits';
import { Branding } from './branding';
import { Queue } from './queue';
import { RemovedPage } from './removed';
import { DomainSettings } from './settings';
import { t } from './t';
import { Trace } from './trace';
import { Greylist } from './greylist';
import { Problem } from './api';

type Page = { id: string; icon: string; label: string };

const ofDomain = (): Page[] => [
	{ id: 'addresses', icon: 'user', label: t('addresses') },
	{ id: 'dns', icon: 'globe', label: t('dns') },
	{ id: 'limits', icon: 'gauge', label: t('limits') },
	{ id: 'trace', icon: 'search', label: t('trace') },
	{ id: 'queue', icon: 'clock', label: t('queue') },
	{ id: 'waiting', icon: 'shield', label: t('newSenders') },
	{ id: 'removed', icon: 'trash', label: t('removedMailboxes') },
	{ id: 'settings', icon: 'gear', label: t('domainSettings') },
	{ id: 'audit', icon: 'eye', label: t('audit') },
];

const ofHost = (): Page[] => [
	{ id: 'health', icon: 'check', label: t('health') },
	{ id: 'trace', icon: 'search', label: t('trace') },
	{ id: 'queue', icon: 'clock', label: t('queue') },
	{ id: 'held', icon: 'warn', label: t('held') },
	{ id: 'admins', icon: 'user', label: t('admins') },
	{ id: 'look', icon: 'sun', label: t('branding') },
	{ id: 'audit', icon: 'eye', label: t('audit') },
];

function Links({ base, pages, at }: { base: string; pages: Page[]; at: string }) {
	return (
		<ul>{pages.map((p) => (
			<li key={p.id}><a class="nav-item" href={`${base}/${p.id}`} aria-current={p.id === at ? 'page' : undefined}><Icon name={p.icon} /><span>{p.label}</span></a></li>
		))}</ul>
	);
}

function DomainPage({ domain, page, self }: { domain: string; page: string; self: Self }) {
	switch (page) {
	case 'dns': return <Dns domain={domain} />;
	case 'limits': return <Limits domain={domain} operator={self.role === 'operator'} />;
	case 'trace': return <Trace domain={domain} />;
	case 'queue': return <Queue domain={domain} />;
	case 'waiting': return <Greylist domain={domain} />;
	case 'removed': return <RemovedPage domain={domain} />;
	case 'settings': return <DomainSettings domain={domain} operator={self.role === 'operator'} />;
	case 'audit': return <Audit domain={domain} />;
	default: return <Addresses domain={domain} self={self.address} />;
	}
}

function HostPage({ page }: { page: string }) {
	switch (page) {
	case 'trace': return <Trace />;
	case 'queue': return <Queue />;
	case 'held': return <Held />;
	case 'admins': return <Admins />;
	case 'look': return <Branding />;
	case 'audit': return <Audit />;
	default: return <Health />;
	}
}

function Body({ self }: { self: Self }) {
	const [area, a, b] = route.value.path;
	const operator = self.role === 'operator';
	const one = !operator && self.domains.length === 1 ? self.domains[0] : undefined;
	const domain = area === 'domain' ? a : undefined;
	useEffect(() => {
		// Who has one domain is there at once.
		if (!area && one)
			go(`/admin/domain/${encodeURIComponent(one)}/addresses`, true);
	}, [area, one]);
	if (self.role === 'user')
		return <div class="panel-main"><Trouble problem={new Problem(403, '', t('noDomains'))} /></div>;
	return (
		<>
			<nav class="panel-nav" aria-label={t('panel')}>
				{one ? null : <a class="nav-item" href="/admin/" aria-current={area ? undefined : 'page'}><Icon name="folder" /><span>{t('domains')}</span></a>}
				{domain ? <><h2 class="nav-head">{domain}</h2><Links base={`/admin/domain/${encodeURIComponent(domain)}`} pages={ofDomain()} at={b ?? 'addresses'} /></> : null}
				{operator ? <><h2 class="nav-head">{t('host')}</h2><Links base="/admin/host" pages={ofHost()} at={area === 'host' ? a ?? 'health' : ''} /></> : null}
			</nav>
			<div class="panel-main" key={`${domain ?? ''}`}>
				{domain ? <DomainPage domain={domain} page={b ?? 'addresses'} self={self} />
					: area === 'host' && operator ? <HostPage page={a ?? 'health'} /> : <Domains operator={operator} />}
			</div>
		</>
	);
}

export function Admin() {
	const self = useLoad<Self>('self', () => get('/self'));
	useEffect(() => void loadStyle('admin'), []);
	return <div class="panel"><Data of={self}>{(s) => <Body self={s} />}</Data></div>;
}
