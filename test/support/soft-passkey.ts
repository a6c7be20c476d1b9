// SPDX-License-Identifier: Apache-2.0

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type {
	AuthenticationResponseJSON,
	PublicKeyCredentialCreationOptionsJSON,
	PublicKeyCredentialRequestOptionsJSON,
	RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { encode } from "cborg";

/** User present, user verified; of a new one: with its key (WebAuthn, section 6.1). */
const PRESENT_VERIFIED = 0x05;
const WITH_KEY = 0x40;

/** An authenticator with one ES256 key and a browser, in memory. */
export class SoftPasskey {
	readonly id = randomBytes(16).toString("base64url");
	readonly #key: KeyObject;
	readonly #public: KeyObject;
	/** Of signatures: what the next one says. */
	count = 1;
	flags = PRESENT_VERIFIED;

	constructor() {
		const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
		this.#key = privateKey;
		this.#public = publicKey;
	}

	/** As `navigator.credentials.create` at a page of this origin. */
	create(
		{ challenge, rp }: PublicKeyCredentialCreationOptionsJSON,
		origin: string,
	): RegistrationResponseJSON {
		const { x = "", y = "" } = this.#public.export({ format: "jwk" });
		const coordinate = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64url"));
		const key = new Map<number, number | Uint8Array>([
			...([[1, 2] as const, [3, -7] as const, [-1, 1] as const] as [number, number][]),
			...([
				[-2, coordinate(x)],
				[-3, coordinate(y)],
			] as [number, Uint8Array][]),
		]);
		const id = Buffer.from(this.id, "base64url");
		const length = Buffer.from([0, id.length]);
		const authData = Buffer.concat([
			...[this.#head(rp.id!, this.flags | WITH_KEY), Buffer.alloc(16), length, id, encode(key)],
		]);
		const attestationObject = encode({ fmt: "none", attStmt: {}, authData: Uint8Array.from(authData) });
		return {
			...this.#credential,
			response: {
				clientDataJSON: clientData("webauthn.create", challenge, origin).toString("base64url"),
				attestationObject: Buffer.from(attestationObject).toString("base64url"),
				transports: ["internal"],
			},
		};
	}

	/** As `navigator.credentials.get` at a page of this origin. */
	get(
		{ challenge, rpId }: PublicKeyCredentialRequestOptionsJSON,
		origin: string,
	): AuthenticationResponseJSON {
		const data = clientData("webauthn.get", challenge, origin);
		const authData = this.#head(rpId!, this.flags);
		const signed = Buffer.concat([authData, createHash("sha256").update(data).digest()]);
		return {
			...this.#credential,
			response: {
				clientDataJSON: data.toString("base64url"),
				authenticatorData: authData.toString("base64url"),
				signature: sign("sha256", signed, this.#key).toString("base64url"),
			},
		};
	}

	get #credential(): Pick<RegistrationResponseJSON, "id" | "rawId" | "type" | "clientExtensionResults"> {
		return { id: this.id, rawId: this.id, type: "public-key", clientExtensionResults: {} };
	}

	#head(rpId: string, flags: number): Buffer {
		const count = Buffer.alloc(4);
		count.writeUInt32BE(this.count++);
		return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([flags]), count]);
	}
}

function clientData(type: string, challenge: string, origin: string): Buffer {
	return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}
