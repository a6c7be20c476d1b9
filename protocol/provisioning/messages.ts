// SPDX-License-Identifier: Apache-2.0

/** What an installer asks of a reader and what it replies, for both ends: types alone, so they cost a reader nothing. */
import type { CborMap } from "../cbor/value.js";
import type { SignatureAlgorithm } from "../credential/cose.js";
import type { DoorCommand } from "../events.js";
import type { SelfTestPart, TestName } from "./tests.js";

type NoParameters = { readonly [name: string]: never };

/** Each command, its parameters and its reply. */
export type Commands = {
	info: { request: NoParameters; reply: ReaderInfo };
	state: { request: NoParameters; reply: ReaderState };
	identify: { request: { readonly ms?: number }; reply: null };
	/** The reader proves itself by its answer, before anything is proved to it. */
	challenge: { request: { readonly share: Uint8Array }; reply: ReaderProof };
	prove: { request: Proof; reply: null };
	leave: { request: NoParameters; reply: null };
	/** As the reader has it: a newer one has settings that a client does not know. `null`: none yet. */
	configuration: { request: NoParameters; reply: CborMap | null };
	/** Whether `apply` would take it: refuses with the same reasons, and changes nothing. */
	check: { request: { readonly configuration: CborMap }; reply: null };
	apply: { request: { readonly configuration: CborMap }; reply: Applied & { readonly changed: boolean } };
	begin: { request: NoParameters; reply: { readonly keys: readonly MessageKey[] } };
	/** `eraseLog`: a former site's log, if there is one. */
	finish: {
		request: { readonly member: Member; readonly configuration: CborMap; readonly eraseLog?: boolean };
		reply: Applied;
	};
	test: { request: { readonly name: TestName }; reply: TestResult };
	selftest: { request: { readonly part: SelfTestPart }; reply: SelfTestResult };
	"wifi-scan": { request: NoParameters; reply: readonly Network[] };
	"wifi-join": {
		request: { readonly ssid: string; readonly password: string };
		reply: { readonly joined: boolean };
	};
	/** `kept`: it had one, and restarts without it. */
	"wifi-forget": { request: NoParameters; reply: { readonly kept: boolean } };
	"plan-begin": { request: { readonly envelope: Uint8Array }; reply: PlanState };
	"plan-write": { request: { readonly chunk: Uint8Array }; reply: PlanState };
	"plan-delta": { request: { readonly envelope: Uint8Array }; reply: PlanState };
	/** One step of several while `more`. */
	"plan-commit": { request: NoParameters; reply: PlanState & { readonly more: boolean } };
	/** `done`: lockdown did not refuse it. `mode` and `unlocked`: as the door is then. */
	door: {
		request: { readonly command: DoorCommand };
		reply: { readonly done: boolean; readonly mode: string; readonly unlocked: boolean };
	};
	/** Seconds since 1970. */
	time: { request: { readonly seconds: number }; reply: null };
	log: { request: { readonly at?: number }; reply: LogPart };
	watch: { request: { readonly on?: boolean }; reply: null };
	restart: { request: NoParameters; reply: null };
	reset: { request: NoParameters; reply: null };
};

export type CommandName = keyof Commands;
export type ParametersOf<N extends CommandName> = Commands[N]["request"];
export type ReplyOf<N extends CommandName> = Commands[N]["reply"];

/** What a reader is: what a client acts on. Other facts are for people, and a newer reader has more of them. */
export type ReaderInfo = CborMap & {
	readonly commissioned?: boolean;
	readonly damaged?: boolean;
	readonly site?: string;
	readonly door?: string;
	/** The site whose log is still there, of a reader that was reset; empty where nothing says which. */
	readonly formerSite?: string;
	/** The reader's Ed25519 key. */
	readonly key?: Uint8Array;
};

/** How a reader is, likewise. */
export type ReaderState = CborMap & {
	/** Seconds since 1970; `null` where the clock is not set. */
	readonly time?: number | null;
	/** Version of the access plan; 0: none. */
	readonly plan?: number;
	/** Seconds since 1970. */
	readonly planIssued?: number;
	/** Seconds since 1970; 0: never. */
	readonly planExpires?: number;
	/** SHA-256 of its body. */
	readonly planHash?: Uint8Array | null;
	readonly credentials?: number;
};

/** The signature, by `key`, is over `readerMessage`. `credentials`: by the site, where the reader is a door of one. */
export type ReaderProof = {
	readonly share: Uint8Array;
	readonly key: Uint8Array;
	readonly signature: Uint8Array;
	readonly credentials?: readonly Uint8Array[] | undefined;
};

/** The signature, by `key`, is over `proofMessage`. */
export type Proof = { readonly key: Uint8Array; readonly signature: Uint8Array };

export type MessageKey = { readonly algorithm: SignatureAlgorithm; readonly publicKey: Uint8Array };

/** What makes a reader a door of a site: the site's list as its roots signed it, and a credential for each key of the reader. */
export type Member = {
	readonly list: Uint8Array;
	readonly door: string;
	readonly credentials: readonly Uint8Array[];
};

/** `restart`: the reader starts again in so many ms to take the configuration over. */
export type Applied = { readonly revision: number; readonly restart?: number | undefined };

/** `detail` says to a person what was seen, or what to look at. */
export type TestResult = { readonly passed: boolean; readonly detail: string };

/** `passed`: `null` where a person has to judge, or it was not tried; `detail` says which. */
export type SelfTestResult = {
	readonly passed: boolean | null;
	readonly detail: string;
	/** What was measured: ms, thousandths of the supply, dBm, bytes. */
	readonly figures: CborMap;
	/** Free memory after it, bytes; empty where the platform does not say. */
	readonly memory: CborMap;
};

export type Network = { readonly ssid: string; readonly rssi: number; readonly secured: boolean };

export type PlanState = { readonly version: number; readonly count: number };

/** A part of the log of `size` bytes, and how many bytes after it are blank (absent: unknown). */
export type LogPart = { readonly size: number; readonly bytes: Uint8Array; readonly blank?: number };

/** What an error has beside its reason and message. */
export type Refusal = {
	/** Stable: a `ProvisioningReason`, or one of a newer reader. */
	readonly reason: string;
	readonly message: string;
	readonly problems: readonly {
		readonly field: string;
		readonly reason: string;
		readonly message: string;
	}[];
	/** ms. */
	readonly retryAfter?: number | undefined;
	/** Of "plan-refused": why, and where it is "not-newer" the first version that the reader takes. */
	readonly refusal?: string | undefined;
	/** Of "unsupported-version": with `greatest` what the reader speaks. */
	readonly least?: number | undefined;
	readonly greatest?: number | undefined;
};
