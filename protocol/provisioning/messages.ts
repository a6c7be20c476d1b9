// SPDX-License-Identifier: Apache-2.0

/** What an installer asks of a reader and what it replies, for both ends: types alone, so they cost a reader nothing. */
import type { CborMap } from "../cbor/value.js";
import type { ServerSettings } from "../config/server.js";
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
	/**
	 * A signed trust list, in pieces: this one begins at byte `at`, and `more` follow. It needs no authority, as its roots have signed
	 * it. `alone`: it takes effect at once, and the plan in force is void where the list says that its key was stolen.
	 */
	trust: {
		request: {
			readonly list: Uint8Array;
			readonly at?: number;
			readonly more?: boolean;
			readonly alone?: boolean;
		};
		reply: TrustState;
	};
	/** A piece of the list in force from byte `at` on; of a reader without a site, of the one that `finish` would take. */
	trusted: { request: { readonly at?: number }; reply: TrustPart };
	/** As the reader has it: a newer one has settings that a client does not know. `null`: none yet. */
	configuration: { request: NoParameters; reply: CborMap | null };
	/** Whether `apply` would take it: refuses with the same reasons, and changes nothing. */
	check: { request: { readonly configuration: CborMap }; reply: null };
	apply: { request: { readonly configuration: CborMap }; reply: Applied & { readonly changed: boolean } };
	begin: { request: NoParameters; reply: { readonly keys: readonly MessageKey[] } };
	/** `eraseLog`: a former site's log, if there is one. */
	finish: {
		request: {
			readonly member: Member;
			readonly configuration: CborMap;
			readonly eraseLog?: boolean;
			readonly server?: ServerSettings;
		};
		/** `server`: it has stored those that came; a reader of older firmware passes over them. */
		reply: Applied & { readonly server?: boolean };
	};
	/** Other credentials for the keys that `begin` gives of a reader with a site, in the place of those that it has. */
	certify: { request: Pick<Member, "credentials">; reply: Applied };
	/** Where the reader finds its site; `null` forgets it. */
	server: {
		request: { readonly server: ServerSettings | null };
		reply: Applied & { readonly changed: boolean };
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
	/** The list in force, of a reader that has a site. */
	readonly trust?: TrustInfo;
};

/** A trust list that a reader has. */
export type ListInfo = {
	readonly version: number;
	/** The first 8 bytes of the SHA-256 of its payload. */
	readonly hash: Uint8Array;
};

/** `held`: the version of a newer list that waits for the plan that is to replace the one in force. */
export type TrustInfo = ListInfo & { readonly held?: number };

/** The newest list that a reader has. `held`: it waits for a plan, or for `finish`. Version 0: none. */
export type TrustState = ListInfo & { readonly held: boolean };

/** A part of a list of `size` bytes. `anchor`: the first 8 bytes of the SHA-256 of the payload of its version 1; zeros: none. */
export type TrustPart = { readonly size: number; readonly list: Uint8Array; readonly anchor: Uint8Array };

/** How a reader is, likewise. */
export type ReaderState = CborMap & {
	/** Seconds since 1970; `null` where the clock is not set. */
	readonly time?: number | null;
	/** Version of the access plan; 0: none. */
	readonly plan?: number;
	/** Epoch of the access plan; 0: none. */
	readonly planEpoch?: number;
	/** Seconds since 1970. */
	readonly planIssued?: number;
	/** Seconds since 1970; 0: never. */
	readonly planExpires?: number;
	/** SHA-256 of its body. */
	readonly planHash?: Uint8Array | null;
	/** Why no plan is in force, as `Absence` of `src/plan`; absent where one is, or the reader does not say. */
	readonly planProblem?: string;
	readonly credentials?: number;
	/** `null`: none was set. Absent: the reader does not say. */
	readonly server?: ServerInfo | null;
};

/** What a reader tells of its server's settings; `password`: it has one. */
export type ServerInfo = { readonly host: string; readonly port: number; readonly password: boolean };

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

/** What makes a reader a door of the site whose lists it was given by `trust`: a credential for each key of the reader. */
export type Member = {
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

/** Of the plan in force; all 0: none. */
export type PlanState = { readonly epoch: number; readonly version: number; readonly count: number };

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
	/** Of "plan-refused" and "trust-refused": why, and of a plan, where it is "not-newer" the first version that the reader takes. */
	readonly refusal?: string | undefined;
	/** Of "trust-refused": the version of the newest list that the reader has. */
	readonly version?: number | undefined;
	/** Of "unsupported-version": with `greatest` what the reader speaks. */
	readonly least?: number | undefined;
	readonly greatest?: number | undefined;
};
