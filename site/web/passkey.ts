// SPDX-License-Identifier: Apache-2.0

import {
	browserSupportsWebAuthn,
	type PublicKeyCredentialCreationOptionsJSON,
	type PublicKeyCredentialRequestOptionsJSON,
	startAuthentication,
	startRegistration,
	WebAuthnError,
} from "@simplewebauthn/browser";
import { post, Refused } from "./api.js";

/** Browsers have passkeys for names alone, and of those for such as are reached safely. */
export const canPasskey = browserSupportsWebAuthn() && !/^[\d.]+$|^\[/.test(location.hostname);

/** Where the same page has passkeys: the computer's own name in place of its address. */
export const passkeyPlace =
	location.hostname === "127.0.0.1" ? location.href.replace("//127.0.0.1", "//localhost") : undefined;

/** Has a passkey of this browser's sign what the server asks at `path`, and gives the server the answer. */
export async function signWithPasskey(path: string): Promise<void> {
	const optionsJSON = await post<PublicKeyCredentialRequestOptionsJSON>(`${path}/options`);
	await post(path, { response: await said(startAuthentication({ optionsJSON })) });
}

/** Makes a passkey as the server asks at `path`; `who` is said with the question. The answer is the server's to take. */
export async function makePasskey(path: string, who?: object): Promise<object> {
	const optionsJSON = await post<PublicKeyCredentialCreationOptionsJSON>(path, who);
	return said(startRegistration({ optionsJSON }));
}

/** The person has closed the browser's dialog, or the device cannot: a refusal like those of the server. */
async function said<T>(answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} catch (error) {
		const isThere =
			error instanceof WebAuthnError && error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED";
		throw new Refused(0, isThere ? "passkey-there" : "passkey-cancelled", String(error));
	}
}
