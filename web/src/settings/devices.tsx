/*
 * settings/devices.tsx - "Connect a phone or program" (PN-17): the pages of the
 * server know the host's names and ports; here is the way to them.
 */
import { user } from '../app/session';
import { Icon } from '../ui/icon';
import { CopyStrip, Page } from './page';
import { Qr } from './two_step';
import { t } from './t';

export function Devices() {
	const address = user.value ?? '';
	const url = new URL(`/help/setup?address=${encodeURIComponent(address)}`, location.href).href;
	return (
		<Page title={t('devices')} text={t('devicesText')}>
			<CopyStrip text={address} label={t('address')} />
			<ul class="hints">
				<li>{t('deviceAddress')}</li>
				<li>{t('devicePassword')} <a href="/settings/app-passwords">{t('newAppPassword')}</a></li>
				<li>{t('deviceSpa')}</li>
				<li>{t('deviceSent')}</li>
				<li>{t('devicePrefix')}</li>
			</ul>
			<p><a class="button primary" href={url} target="_blank" rel="noopener"><Icon name="open" /> {t('setUpPage')}</a></p>
			<h2>{t('onThePhone')}</h2>
			<p>{t('onThePhoneText')}</p>
			<Qr text={url} label={t('setUpPage')} />
		</Page>
	);
}
