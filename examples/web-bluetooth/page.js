// SPDX-License-Identifier: Apache-2.0

/** A page with one button: an enrolment as `npm start -- --ble` prints it, and what the door said. */
import { chooseReader, openDoor } from "./open-door.js";

const enrolment = /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea"));
const button = /** @type {HTMLButtonElement} */ (document.querySelector("button"));
const said = /** @type {HTMLOutputElement} */ (document.querySelector("output"));

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

/** PKCS #8 of an Ed25519 key is this and the seed (RFC 8410). */
const PKCS8 = "302e020100300506032b657004220420";

/**
 * The simulated site made the key too. A real app has the browser make one that nobody can read
 * (`generateKey("Ed25519", false, ["sign"])`), keeps it in IndexedDB, and sends the site its public half.
 *
 * @param {string} secretKey
 */
const keyOf = (secretKey) =>
	crypto.subtle.importKey("pkcs8", bytes(PKCS8 + secretKey.slice(0, 64)), "Ed25519", false, ["sign"]);

button.addEventListener("click", async () => {
	button.disabled = true;
	said.value = "…";
	try {
		const { trust, credential, secretKey } = JSON.parse(enrolment.value);
		const device = await chooseReader();
		const result = await openDoor(device, {
			trust: bytes(trust),
			credential: bytes(credential),
			key: await keyOf(secretKey),
		});
		said.value =
			result.kind === "decision"
				? `${result.door}: ${result.decision?.reason ?? "decided"}`
				: result.error.message;
	} catch (error) {
		said.value = String(error);
	} finally {
		button.disabled = false;
	}
});
