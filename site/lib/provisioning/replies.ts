// SPDX-License-Identifier: Apache-2.0

/** What a reply has to look like. It comes from whatever is at the other end of a cable, so nothing in it is believed unseen. */
import { type CborMap, type CborValue, isFields } from "../../../protocol/cbor/value.js";
import { EDDSA, ES256, type SignatureAlgorithm } from "../../../protocol/credential/cose.js";
import { MAX_TIME } from "../../../protocol/provisioning/bounds.js";
import type {
	Applied,
	CommandName,
	ListInfo,
	MessageKey,
	Network,
	PlanState,
	ReaderInfo,
	ReaderProof,
	ReaderState,
	ReplyOf,
	ServerInfo,
	TestResult,
	TrustInfo,
	TrustPart,
	TrustState,
} from "../../../protocol/provisioning/messages.js";
import { MAX_LIST } from "../../../protocol/trust/list.js";
import { ClientError } from "./errors.js";

/** More than any reader's flash, bytes. */
const MAX_LOG = 64 * 1024 * 1024;

const MAX_VERSION = 0xffff_ffff;

/** The value as the type says. Throws `ClientError`: "bad-reply". */
export type Check<T> = (value: CborValue | undefined) => T;

/** The fields that a type names, without those that a newer reader may have besides. */
type Named<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

type Shape<T> = {
	readonly [K in keyof Named<T>]-?: Check<
		Named<T>[K] | (Record<never, never> extends Pick<Named<T>, K> ? undefined : never)
	>;
};

function bad(): never {
	throw new ClientError("bad-reply", "the reader says something else than expected");
}

const boolean: Check<boolean> = (value) => (typeof value === "boolean" ? value : bad());
const text: Check<string> = (value) => (typeof value === "string" ? value : bad());
const integer: Check<number> = (value) => (typeof value === "number" ? value : bad());
const nothing: Check<null> = (value) => (value === null ? value : bad());

function whole(max = Number.MAX_SAFE_INTEGER, min = 0): Check<number> {
	return (value) => (typeof value === "number" && value >= min && value <= max ? value : bad());
}

/** `length`: exactly so many; any where it is not given. */
function bytes(length?: number): Check<Uint8Array> {
	return (value) =>
		value instanceof Uint8Array && (length === undefined || value.length === length) ? value : bad();
}

function optional<T>(check: Check<T>): Check<T | undefined> {
	return (value) => (value === undefined ? undefined : check(value));
}

function nullable<T>(check: Check<T>): Check<T | null> {
	return (value) => (value === null ? null : check(value));
}

function list<T>(check: Check<T>, min: number, max: number): Check<T[]> {
	return (value) =>
		Array.isArray(value) && value.length >= min && value.length <= max
			? (value as readonly CborValue[]).map(check)
			: bad();
}

/** Fields beyond those of `shape` stay as they are. */
function fields<T>(shape: Shape<T>): Check<CborMap & T> {
	const checks = Object.entries<Check<unknown>>(shape);
	return (value) => {
		if (!isFields(value)) return bad();
		const known = checks
			.map(([name, check]) => [name, check(value[name])] as const)
			.filter(([, checked]) => checked !== undefined);
		// Without a prototype, as what was decoded: no name in it has a meaning.
		return Object.assign(Object.create(null), value, Object.fromEntries(known));
	};
}

/** What is no time of a reader's clock counts as none. */
const time: Check<number | null | undefined> = (value) =>
	value === undefined || (typeof value === "number" && value >= 0 && value <= MAX_TIME) ? value : null;

const algorithm: Check<SignatureAlgorithm> = (value) => (value === EDDSA || value === ES256 ? value : bad());

const planState: Shape<PlanState> = { epoch: whole(), version: whole(), count: whole() };
const applied: Shape<Applied> = { revision: whole(), restart: optional(whole()) };

const listVersion = whole(MAX_VERSION);
const listInfo: Shape<ListInfo> = { version: listVersion, hash: bytes(8) };

export const REPLIES: { readonly [N in CommandName]: Check<ReplyOf<N>> } = {
	info: fields<ReaderInfo>({
		commissioned: optional(boolean),
		damaged: optional(boolean),
		site: optional(text),
		door: optional(text),
		formerSite: optional(text),
		key: optional(bytes(32)),
		trust: optional(fields<TrustInfo>({ ...listInfo, held: optional(listVersion) })),
	}),
	state: fields<ReaderState>({
		time,
		plan: optional(whole()),
		planEpoch: optional(whole()),
		planIssued: optional(whole()),
		planExpires: optional(whole()),
		planHash: optional(nullable(bytes(32))),
		planProblem: optional(text),
		credentials: optional(whole()),
		server: optional(nullable(fields<ServerInfo>({ host: text, port: whole(65_535, 1), password: boolean }))),
	}),
	identify: nothing,
	challenge: fields<ReaderProof>({
		share: bytes(32),
		key: bytes(32),
		signature: bytes(64),
		credentials: optional(list(bytes(), 1, 2)),
	}),
	prove: nothing,
	leave: nothing,
	trust: fields<TrustState>({ ...listInfo, held: boolean }),
	trusted: fields<TrustPart>({ size: whole(MAX_LIST), list: bytes(), anchor: bytes(8) }),
	configuration: nullable(fields<CborMap>({})),
	check: nothing,
	apply: fields<ReplyOf<"apply">>({ ...applied, changed: boolean }),
	begin: fields<ReplyOf<"begin">>({
		keys: list(fields<MessageKey>({ algorithm, publicKey: bytes() }), 1, 4),
	}),
	finish: fields<ReplyOf<"finish">>({ ...applied, server: optional(boolean) }),
	certify: fields<Applied>(applied),
	server: fields<ReplyOf<"server">>({ ...applied, changed: boolean }),
	test: fields<TestResult>({ passed: boolean, detail: text }),
	selftest: fields<ReplyOf<"selftest">>({
		passed: nullable(boolean),
		detail: text,
		figures: fields<CborMap>({}),
		memory: fields<CborMap>({}),
	}),
	"wifi-scan": list(fields<Network>({ ssid: text, rssi: integer, secured: boolean }), 0, 64),
	"wifi-forget": fields<ReplyOf<"wifi-forget">>({ kept: boolean }),
	"wifi-join": fields<ReplyOf<"wifi-join">>({ joined: boolean }),
	"plan-begin": fields<PlanState>(planState),
	"plan-write": fields<PlanState>(planState),
	"plan-delta": fields<PlanState>(planState),
	"plan-commit": fields<ReplyOf<"plan-commit">>({ ...planState, more: boolean }),
	door: fields<ReplyOf<"door">>({ done: boolean, mode: text, unlocked: boolean }),
	time: nothing,
	log: fields<ReplyOf<"log">>({ size: whole(MAX_LOG, 1), bytes: bytes(), blank: optional(whole()) }),
	watch: nothing,
	restart: nothing,
	reset: nothing,
};
