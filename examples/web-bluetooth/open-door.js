// SPDX-License-Identifier: Apache-2.0

/**
 * Opens a door from a web page: the least that an app does around `lintel-phone`. Web Bluetooth wants https or localhost,
 * and for `chooseReader` a click.
 */
import {
	anchorList,
	byKcwt,
	EDDSA,
	Holder,
	openByWebBluetooth,
	PortableCrypto,
	SERVICE_UUID,
} from "lintel-phone";

/**
 * @import { HolderResult } from "lintel-phone"
 *
 * What the site's enrolment left in the app, and the app's own key.
 * @typedef {object} Wallet
 * @property {Uint8Array} trust the site's trust list as its roots signed it
 * @property {Uint8Array} credential the CWT that the site signed over the phone's public key
 * @property {CryptoKey} key the phone's private key, Ed25519; it need not be extractable
 */

const crypto = new PortableCrypto();

/** The browser's list of Lintel readers nearby; rejects when the user closes it. */
export function chooseReader() {
	return navigator.bluetooth.requestDevice({ filters: [{ services: [SERVICE_UUID] }] });
}

/**
 * One transaction: what the door decided, or why there is no decision.
 *
 * @param {BluetoothDevice} device
 * @param {Wallet} wallet
 * @returns {Promise<HolderResult>}
 */
export async function openDoor(device, wallet) {
	const trust = anchorList(wallet.trust, crypto);
	if (typeof trust === "string") throw new Error(`the site's trust list is ${trust}`);
	/** @type {HolderResult} */
	let result = { kind: "failed", error: new Error("the reader hung up") };
	const holder = new Holder({
		crypto,
		random: { fill: (into) => into.set(globalThis.crypto.getRandomValues(new Uint8Array(into.length))) },
		credential: {
			...byKcwt(wallet.credential),
			algorithm: EDDSA,
			signLater: async (message) =>
				new Uint8Array(await globalThis.crypto.subtle.sign("Ed25519", wallet.key, message)),
		},
		suite: 4,
		trust: trust.list,
		now: () => Date.now() / 1000,
		onResult: (known) => {
			result = known;
		},
	});
	await openByWebBluetooth(device, holder.session());
	return result;
}
