/*
 * worker/memory.ts - the two words that the worker keeps between pushes: its
 * subscription's id, and the state up to which Emails were told.
 */
export type Key = 'id' | 'state';

function finished<T>(r: IDBRequest<T>): Promise<T> {
	return new Promise((good, bad) => {
		r.onsuccess = () => good(r.result);
		r.onerror = () => bad(r.error as Error);
	});
}

async function table(mode: IDBTransactionMode): Promise<IDBObjectStore> {
	const open = indexedDB.open('posthus-push', 1);
	open.onupgradeneeded = () => open.result.createObjectStore('kept');
	return (await finished(open)).transaction('kept', mode).objectStore('kept');
}

export async function recall(key: Key): Promise<string | undefined> {
	return finished((await table('readonly')).get(key) as IDBRequest<string | undefined>);
}

export async function remember(key: Key, value: string): Promise<void> {
	await finished((await table('readwrite')).put(value, key));
}
