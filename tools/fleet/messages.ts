// SPDX-License-Identifier: Apache-2.0

import type { ServerSettings } from "../../protocol/config/server.js";

/** What a process with doors is asked. Byte strings are hexadecimal, times ms since 1970. */
export type Order =
	| {
			readonly kind: "make";
			readonly doors: readonly string[];
			readonly list: string;
			readonly office: string;
	  }
	| { readonly kind: "connect"; readonly servers: readonly ServerSettings[] }
	| { readonly kind: "power"; readonly on: boolean }
	/** Answered when each door meets it, or after that time. */
	| { readonly kind: "until"; readonly what: Aim; readonly id?: string; readonly limitMs: number }
	/** At each door a holder of this credential comes so many times. */
	| { readonly kind: "visit"; readonly id: string; readonly times: number }
	| { readonly kind: "records" }
	| { readonly kind: "figures" };

/** `session`: it is in one. `drained`: the site has its whole log. The others are what it says to the holder of a credential. */
export type Aim = "session" | "drained" | "granted" | "revoked";

/** Answers, in the order of the doors. */
export interface Answers {
	readonly make: readonly { readonly key: string; readonly readerId: string }[];
	readonly connect: null;
	readonly power: null;
	/** When each door met it; of one that did not, what it said last. */
	readonly until: readonly (number | string)[];
	readonly visit: null;
	/** Serial and link of each record, in their order. */
	readonly records: readonly (readonly (readonly [serial: number, link: string])[])[];
	readonly figures: { readonly cpuMs: number; readonly bytes: number };
}

export type AnswerOf<O extends Order> = Answers[O["kind"]];
