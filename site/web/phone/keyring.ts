// SPDX-License-Identifier: Apache-2.0

/** What this phone holds, in the browser's IndexedDB: credentials with their keys, and keys for links that are being accepted. */

import type { OwnKey } from "./own-key.js";
import type { Told } from "./site-api.js";

/** A credential on this phone, and what its site said of it last. */
export interface HeldCredential extends OwnKey {
	/** Of `origin` and the credential's id, as two sites may have the same one; hexadecimal. */
	readonly id: string;
	/** Of the site's server. */
	readonly origin: string;
	/** The credential's, 8 bytes in hexadecimal. */
	readonly credentialId: string;
	/** SHA-256 of the link that it was accepted by, in hexadecimal: so the link leads here when it is opened again. */
	readonly link: string;
	readonly site: string;
	/** The site's newest trust list as its roots signed it. */
	readonly trust: Uint8Array;
	/** The CWT for radios. */
	readonly credential: Uint8Array;
	/** The CWT for scanners, where the site gave one. */
	readonly code: Uint8Array | undefined;
	readonly told: Told;
	/** The site has ended it. */
	readonly withdrawn: boolean;
	/** By how much the phone's clock was ahead of the server's then, s. */
	readonly ahead: number;
}

/** A key that was made for a link whose answer has not come: the same key is sent again, and gets the same answer. */
export interface PendingKey extends OwnKey {
	readonly link: string;
}

const NAME = "lintel-phone";
const VERSION = 1;
const HELD = "credentials";
const PENDING = "pending";

let database: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
	if (database !== undefined) return database;
	const opening = new Promise<IDBDatabase>((resolve, reject) => {
		const request = indexedDB.open(NAME, VERSION);
		request.onupgradeneeded = () => {
			request.result.createObjectStore(HELD, { keyPath: "id" });
			request.result.createObjectStore(PENDING, { keyPath: "link" });
		};
		request.onsuccess = () => {
			// The browser has closed it (storage cleared), or a newer page wants to change it: opened again when it is needed.
			request.result.onclose = forget;
			request.result.onversionchange = () => {
				request.result.close();
				forget();
			};
			resolve(request.result);
		};
		request.onerror = () => reject(request.error);
	});
	database = opening;
	// The next one tries again.
	opening.catch(forget);
	return opening;
}

function forget(): void {
	database = undefined;
}

async function run<T>(
	store: string,
	mode: IDBTransactionMode,
	work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
	const transaction = (await open()).transaction(store, mode);
	const request = work(transaction.objectStore(store));
	return new Promise((resolve, reject) => {
		transaction.oncomplete = () => resolve(request.result);
		transaction.onabort = () => reject(transaction.error ?? new Error("the browser did not store it"));
	});
}

export function held(): Promise<HeldCredential[]> {
	return run(HELD, "readonly", (store) => store.getAll() as IDBRequest<HeldCredential[]>);
}

export function heldBy(id: string): Promise<HeldCredential | undefined> {
	return run(HELD, "readonly", (store) => store.get(id) as IDBRequest<HeldCredential | undefined>);
}

/** The credential and the end of its pending key, in one transaction. */
export async function hold(credential: HeldCredential): Promise<void> {
	const transaction = (await open()).transaction([HELD, PENDING], "readwrite");
	transaction.objectStore(HELD).put(credential);
	transaction.objectStore(PENDING).delete(credential.link);
	return new Promise((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error ?? new Error("the browser did not store it"));
	});
}

/** Writes what has changed of one that is still there: a removal meanwhile stays one. `false`: it is not there. */
export async function change(id: string, news: Partial<HeldCredential>): Promise<boolean> {
	const store = (await open()).transaction(HELD, "readwrite").objectStore(HELD);
	return new Promise((resolve, reject) => {
		let found = false;
		const request = store.get(id) as IDBRequest<HeldCredential | undefined>;
		request.onsuccess = () => {
			if (request.result === undefined) return;
			found = true;
			store.put({ ...request.result, ...news, id });
		};
		store.transaction.oncomplete = () => resolve(found);
		store.transaction.onabort = () => reject(store.transaction.error);
	});
}

/** The key is gone with it. */
export async function remove(id: string): Promise<void> {
	await run(HELD, "readwrite", (store) => store.delete(id));
}

export function pending(link: string): Promise<PendingKey | undefined> {
	return run(PENDING, "readonly", (store) => store.get(link) as IDBRequest<PendingKey | undefined>);
}

export async function keepPending(key: PendingKey): Promise<void> {
	await run(PENDING, "readwrite", (store) => store.put(key));
}
