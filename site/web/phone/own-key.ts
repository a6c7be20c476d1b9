// SPDX-License-Identifier: Apache-2.0

/** The phone's own keys: Ed25519 by WebCrypto, made here and never read, not by this page either. */

export interface OwnKey {
	/** Not extractable: the browser signs by it and gives it to nobody. */
	readonly privateKey: CryptoKey;
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
}

export async function newKey(): Promise<OwnKey> {
	const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign"])) as CryptoKeyPair;
	const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
	return { privateKey: pair.privateKey, publicKey };
}

/** 64 bytes. */
export async function signBy(key: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
	return new Uint8Array(await crypto.subtle.sign("Ed25519", key, Uint8Array.from(message)));
}

/** Whether this browser has Ed25519: Chrome and Edge from 137, Safari from 17, Firefox from 129. */
export async function hasEd25519(): Promise<boolean> {
	try {
		await newKey();
		return true;
	} catch {
		return false;
	}
}
