// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import {
	type AuthenticationResponseJSON,
	generateAuthenticationOptions,
	generateRegistrationOptions,
	type PublicKeyCredentialCreationOptionsJSON,
	type PublicKeyCredentialRequestOptionsJSON,
	type RegistrationResponseJSON,
	verifyAuthenticationResponse,
	verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { fromHex } from "../../../protocol/bytes.js";
import type { Administrator } from "../store/administrators.js";
import type { Passkey } from "../store/passkeys.js";
import type { Store } from "../store/store.js";
import { Challenges } from "./challenges.js";

/** What a browser has made, to be kept for an administrator. */
export type MadePasskey = Pick<Passkey, "id" | "publicKey" | "counter" | "transports">;

/** Passkeys of the site's administrators (WebAuthn). What a browser sends is checked here, and refused by `undefined`. */
export class Passkeys {
	readonly #site: string;
	readonly #store: Store;
	readonly #now: () => number;
	#challenges: Promise<Challenges> | undefined;

	constructor(site: string, store: Store, now: () => number) {
		this.#site = site;
		this.#store = store;
		this.#now = now;
	}

	/** What a page at `origin` asks a browser to sign. `of`: by whose passkeys; else the browser asks by which of its own. */
	async requestOptions(
		origin: string,
		purpose: string,
		of?: string,
	): Promise<PublicKeyCredentialRequestOptionsJSON> {
		const own = of === undefined ? [] : await this.#store.passkeys.list(of);
		return generateAuthenticationOptions({
			rpID: hostOf(origin),
			challenge: await this.#challenge(purpose),
			allowCredentials: own.map(({ id, transports }) => ({ id, transports: [...transports] })),
			userVerification: "required",
		});
	}

	/** The passkey that has signed what `requestOptions` asked; once. */
	async signed(
		origin: string,
		purpose: string,
		response: AuthenticationResponseJSON,
	): Promise<Passkey | undefined> {
		const passkey = await this.#store.passkeys.find(response.id);
		if (passkey === undefined) return undefined;
		const { counter, id, publicKey, transports } = passkey;
		const answered = await this.#answered(purpose);
		const result = await orUndefined(
			verifyAuthenticationResponse({
				response,
				...expected(origin),
				expectedChallenge: answered.isGood,
				credential: { id, publicKey: Uint8Array.from(publicKey), counter, transports: [...transports] },
			}),
		);
		if (result?.verified !== true || !(await answered.use())) return undefined;
		await this.#store.passkeys.used(id, result.authenticationInfo.newCounter, this.#now());
		return passkey;
	}

	/** What a page at `origin` asks a browser to make a passkey by. */
	async creationOptions(
		origin: string,
		purpose: string,
		{ id, login, name }: Pick<Administrator, "id" | "name"> & { readonly login: string },
	): Promise<PublicKeyCredentialCreationOptionsJSON> {
		const own = await this.#store.passkeys.list(id);
		return generateRegistrationOptions({
			rpName: `Lintel ${this.#site}`,
			rpID: hostOf(origin),
			userName: login,
			userDisplayName: name,
			userID: Uint8Array.from(fromHex(id)),
			challenge: await this.#challenge(purpose),
			excludeCredentials: own.map(({ id, transports }) => ({ id, transports: [...transports] })),
			authenticatorSelection: { residentKey: "required", userVerification: "required" },
		});
	}

	/** The passkey that a browser has made as `creationOptions` asked; once. */
	async made(
		origin: string,
		purpose: string,
		response: RegistrationResponseJSON,
	): Promise<MadePasskey | undefined> {
		const answered = await this.#answered(purpose);
		const result = await orUndefined(
			verifyRegistrationResponse({ response, ...expected(origin), expectedChallenge: answered.isGood }),
		);
		if (result?.verified !== true || !(await answered.use())) return undefined;
		const { counter, id, publicKey, transports = [] } = result.registrationInfo.credential;
		return (await this.#store.passkeys.find(id)) === undefined
			? {
					id,
					publicKey,
					counter,
					transports: transports.filter((one) => /^[a-z-]{1,20}$/.test(one)).slice(0, 8),
				}
			: undefined;
	}

	async #challenge(purpose: string): Promise<Uint8Array<ArrayBuffer>> {
		return (await this.#loaded()).make(purpose, this.#now());
	}

	/** Of one answer: whether its challenge is good, and whether it is used for the first time now. */
	async #answered(purpose: string): Promise<{ isGood(challenge: string): boolean; use(): Promise<boolean> }> {
		const challenges = await this.#loaded();
		const now = this.#now();
		let good: { challenge: string; until: number } | undefined;
		return {
			isGood: (challenge) => {
				const until = challenges.endOf(challenge, purpose, now);
				good = until === undefined ? undefined : { challenge, until };
				return good !== undefined;
			},
			use: async () =>
				good !== undefined && this.#store.passkeys.useChallenge(good.challenge, good.until, now),
		};
	}

	#loaded(): Promise<Challenges> {
		this.#challenges ??= challengeSecret(this.#store).then((secret) => new Challenges(secret));
		return this.#challenges;
	}
}

async function challengeSecret(store: Store): Promise<Uint8Array> {
	await store.facts.setFirst("challengeSecret", randomBytes(32).toString("hex"));
	return fromHex((await store.facts.get("challengeSecret"))!);
}

function hostOf(origin: string): string {
	return new URL(origin).hostname;
}

function expected(origin: string): {
	expectedOrigin: string;
	expectedRPID: string;
	requireUserVerification: boolean;
} {
	return { expectedOrigin: origin, expectedRPID: hostOf(origin), requireUserVerification: true };
}

/** The library throws plain errors at whatever is wrong with an answer, and says so to nobody but its caller. */
function orUndefined<T>(checked: Promise<T>): Promise<T | undefined> {
	return checked.catch(() => undefined);
}
