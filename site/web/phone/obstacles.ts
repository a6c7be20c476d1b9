// SPDX-License-Identifier: Apache-2.0

/** Why this browser cannot hold a key, or not for long. The page has the words for each. */
import { hasEd25519 } from "./own-key.js";

export type Obstacle =
	/** No https, and not the computer's own localhost: the browser gives no keys. */
	| "insecure"
	/** The browser inside of a mail or chat app: what it stores is gone with its window, and the phone's own browser does not see it. */
	| "inner-browser"
	/** No Ed25519 in WebCrypto. */
	| "no-ed25519"
	/** The browser stores nothing: a private window, or storage is switched off. */
	| "no-storage";

/** What will not last, though a key can be made. */
export type Warning =
	/** Safari deletes what a page stored after 7 days without a visit, unless the page is on the home screen. */
	"ios-tab";

/** What apps' own browsers call themselves; Android's WebView says "; wv". */
const INNER =
	/; wv\)|\bFBA[NV]\/|\bInstagram\b|\bLine\/|\bLinkedInApp\b|\bSnapchat\b|\bGSA\/|\bMicroMessenger\b|\bTelegram\b/;

export function isIos(agent: string): boolean {
	return /\b(iPhone|iPad|iPod)\b/.test(agent);
}

export function isInnerBrowser(agent: string): boolean {
	// On iOS each true browser has "Safari" in its name; a web view of an app has not, but for a page on the home screen.
	return INNER.test(agent) || (isIos(agent) && !/\bSafari\//.test(agent) && !isInstalled());
}

/** Opened from the home screen. */
export function isInstalled(): boolean {
	return (
		matchMedia("(display-mode: standalone)").matches ||
		(navigator as Navigator & { standalone?: boolean }).standalone === true
	);
}

export async function obstacle(): Promise<Obstacle | undefined> {
	if (isInnerBrowser(navigator.userAgent)) return "inner-browser";
	if (!isSecureContext || globalThis.crypto?.subtle === undefined) return "insecure";
	if (!(await hasEd25519())) return "no-ed25519";
	if (!(await stores())) return "no-storage";
	return undefined;
}

export function warning(): Warning | undefined {
	return isIos(navigator.userAgent) && !isInstalled() ? "ios-tab" : undefined;
}

/** Whether the browser takes a key into storage and gives it back; Firefox' private windows once did not. */
async function stores(): Promise<boolean> {
	const NAME = "lintel-probe";
	try {
		const probe = await new Promise<IDBDatabase>((resolve, reject) => {
			const request = indexedDB.open(NAME, 1);
			request.onupgradeneeded = () => request.result.createObjectStore("probe");
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => reject(request.error);
		});
		const { privateKey } = (await crypto.subtle.generateKey("Ed25519", false, ["sign"])) as CryptoKeyPair;
		const transaction = probe.transaction("probe", "readwrite");
		transaction.objectStore("probe").put(privateKey, 0);
		await new Promise<void>((resolve, reject) => {
			transaction.oncomplete = () => resolve();
			transaction.onabort = () => reject(transaction.error);
		});
		probe.close();
		indexedDB.deleteDatabase(NAME);
		return true;
	} catch {
		return false;
	}
}
