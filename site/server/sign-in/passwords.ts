// SPDX-License-Identifier: Apache-2.0

import { hash, verify } from "@node-rs/argon2";

export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 200;

/** Passwords by argon2id with the package's parameters, those that OWASP names: 19 MiB, two passes. */
export class Passwords {
	readonly #counted: () => void;
	/** Compared where there is no password, so that a name that nobody has takes as long. */
	#nobodys: Promise<string> | undefined;

	/** `counted`: for each password that was worked on. */
	constructor(counted: () => void) {
		this.#counted = counted;
	}

	hash(password: string): Promise<string> {
		this.#counted();
		return hash(password);
	}

	/** Takes as long, and is false, where there is none to compare with. */
	async isRight(password: string, hashed: string | undefined): Promise<boolean> {
		this.#nobodys ??= hash("");
		const against = hashed ?? (await this.#nobodys);
		this.#counted();
		return (await verify(against, password)) && hashed !== undefined;
	}
}
