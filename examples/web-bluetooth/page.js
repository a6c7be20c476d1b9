/** A page with one button: an invitation as `npm start -- --ble` prints it, and what the door said. */
import { chooseReader, openDoor } from "./open-door.js";

const invitation = /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea"));
const button = /** @type {HTMLButtonElement} */ (document.querySelector("button"));
const said = /** @type {HTMLOutputElement} */ (document.querySelector("output"));

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

button.addEventListener("click", async () => {
	button.disabled = true;
	said.value = "…";
	try {
		const { site, sitePublicKey, credential, secretKey } = JSON.parse(invitation.value);
		const result = await openDoor(await chooseReader(), {
			site,
			sitePublicKey: bytes(sitePublicKey),
			credential: bytes(credential),
			secretKey: bytes(secretKey),
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
