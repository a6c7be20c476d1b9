// SPDX-License-Identifier: Apache-2.0

/**
 * The commands of the installer's port, a function each. They are made at build time and stay in flash; a function made at run
 * time takes RAM for its closure and for all that it refers to.
 */

import type { Flash } from "../../hal/contracts/flash.js";
import { utf8Encode } from "../../protocol/bytes.js";
import type { CborMap, CborValue } from "../../protocol/cbor/value.js";
import type { Crypto } from "../../protocol/crypto.js";
import {
	CONFIGURATION_CHANGES,
	COMMANDS as DOOR_COMMANDS,
	type DoorCommand,
	EVENTS,
} from "../../protocol/events.js";
import type { PlanRefusal } from "../../protocol/plan/envelope.js";
import {
	MAX_PASSWORD,
	MAX_PLAN_BYTES,
	MAX_SSID,
	MAX_TIME,
	MIN_TIME,
} from "../../protocol/provisioning/bounds.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { CommandName, PlanState, ReplyOf } from "../../protocol/provisioning/messages.js";
import { SHARE } from "../../protocol/provisioning/proof.js";
import type { CableSession } from "../../protocol/provisioning/session.js";
import {
	SELF_TEST_PARTS,
	type SelfTestPart,
	TESTS,
	type TestName,
} from "../../protocol/provisioning/tests.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { readDoor } from "../config/state.js";
import type { ConfigStore } from "../config/store.js";
import type { Authority } from "./authority.js";
import { checkedConfiguration } from "./checked.js";
import { certify, checkCredentials } from "./credentials.js";
import { serverIn, serverInfo, setServer } from "./server.js";
import type { PlanInstaller, ProvisioningTarget } from "./target.js";
import { showList, takeList, trustInfo } from "./trust.js";

const MAX_IDENTIFY_MS = 60_000;
const LOG_CHUNK = 1024;
/** Bytes of the log that a reply looks ahead for blank ones; they take an ESP32 some 40 ms. */
const BLANK_LIMIT = 32 * 1024;

export interface Request {
	readonly client: Uint8Array;
	readonly number: number;
	readonly version: number;
	/** Whether it came with a seal. */
	readonly sealed: boolean;
	/** With authority; replies and events of it have its seal. */
	session: CableSession | undefined;
}

/** Returned by a command whose reply follows when the device is done. */
export const DEFERRED = Symbol("later");

/** The parts that commands work on. */
export interface CommandContext {
	readonly store: ConfigStore;
	readonly device: ProvisioningTarget;
	readonly crypto: Crypto;
	readonly authority: Authority;
	readonly versions: readonly [number, number];
	/** Calls `start` and answers `request` when that calls back. */
	defer<N extends CommandName>(
		request: Request,
		start: (done: (result: ReplyOf<N>) => void) => void,
	): typeof DEFERRED;
	/** Sends events to the client of `request` from now on; `undefined` ends that. */
	watch(request: Request | undefined): void;
	unwatch(client: Uint8Array): void;
}

type Handlers = {
	readonly [N in CommandName]: (
		context: CommandContext,
		/** Whatever came: the handler checks it. */
		parameters: CborMap,
		request: Request,
	) => ReplyOf<N> | typeof DEFERRED;
};

export const COMMANDS: Handlers = Object.freeze<Handlers>({
	info: ({ crypto, store, device, versions }) => ({
		...device.info(),
		protocol: [...versions],
		commissioned: store.membership !== undefined,
		damaged: store.damaged,
		...(store.former && { formerSite: store.former.site }),
		...(store.membership && { site: store.membership.trust.site, door: store.membership.door }),
		...trustInfo(store, crypto),
		...(store.keys && { key: store.keys[0]!.publicKey }),
		...(store.config && { name: store.config.name }),
	}),
	state: ({ store, device }, _, { session }) => {
		const { damaged, membership, revision } = store;
		const trusted = session !== undefined || (membership === undefined && !damaged);
		return { ...device.state(trusted), ...(trusted && { revision, server: serverInfo(store) }), damaged };
	},
	identify: ({ device }, { ms = 10_000 }) => {
		if (typeof ms !== "number" || ms < 0 || ms > MAX_IDENTIFY_MS)
			throw new ProvisioningError("malformed", "identify takes 0 to 60000 ms");
		device.identify(ms);
		return null;
	},
	challenge: ({ store, authority }, { share }, { client }) => {
		if (store.damaged) throw damagedStore();
		if (!(share instanceof Uint8Array) || share.length !== SHARE)
			throw new ProvisioningError("malformed", "a challenge has a share of 32 bytes");
		const proof = authority.challenge(client, share, (store.keys ?? store.makeKeys())[0]!);
		const credentials = store.membership?.credentials;
		return credentials === undefined ? proof : { ...proof, credentials };
	},
	prove: ({ store, authority }, { key, signature }, request) => {
		const trust = trustOf(store);
		if (!(key instanceof Uint8Array) || !(signature instanceof Uint8Array))
			throw new ProvisioningError("malformed", "a proof has a key and a signature");
		const door = store.membership?.door ?? "";
		request.session = authority.prove(request.client, { key, signature }, trust, door);
		return null;
	},
	trust: ({ authority, crypto, device, store }, parameters) => {
		if (store.damaged) throw damagedStore();
		const state = takeList(store, device, crypto, parameters);
		const { membership } = store;
		if (membership !== undefined) authority.judgeBy(store.lists.newest, membership.door);
		return state;
	},
	trusted: ({ store }, parameters) => showList(store, parameters),
	leave: (context, _, { client, session }) => {
		context.authority.leave(session);
		if (session !== undefined || context.store.membership === undefined) context.unwatch(client);
		return null;
	},
	configuration: ({ store }) => store.config ?? null,
	check: (context, { configuration }) => {
		checkedConfiguration(context.store, context.device, configuration);
		return null;
	},
	apply: (context, { configuration }) => {
		const { store, device } = context;
		const config = checkedConfiguration(store, device, configuration);
		if (!store.setConfig(config)) return { changed: false, revision: store.revision };
		device.record(EVENTS.configuration, CONFIGURATION_CHANGES.applied, store.revision);
		return { changed: true, revision: store.revision, restart: device.configured(config) };
	},
	begin: ({ store }) => ({
		keys: store.makeKeys().map(({ algorithm, publicKey }) => ({ algorithm, publicKey })),
	}),
	finish,
	certify: ({ crypto, device, store }, parameters) => certify(store, device, crypto, parameters),
	server: ({ device, store }, parameters) => setServer(store, device, parameters),
	test: (context, { name }, request) => {
		if (!(TESTS as readonly unknown[]).includes(name))
			throw new ProvisioningError("not-available", `tests are ${TESTS.join(", ")}`);
		return context.defer<"test">(request, (done) =>
			context.device.test(name as TestName, ({ passed, detail }) => done({ passed, detail })),
		);
	},
	selftest: (context, { part }, request) => {
		if (!(SELF_TEST_PARTS as readonly unknown[]).includes(part))
			throw new ProvisioningError("not-available", `parts are ${SELF_TEST_PARTS.join(", ")}`);
		return context.defer<"selftest">(request, (done) => context.device.selfTest(part as SelfTestPart, done));
	},
	"wifi-scan": (context, _, request) => {
		const wifi = wifiOf(context.device);
		return context.defer<"wifi-scan">(request, (done) =>
			wifi.scan((networks) =>
				done(networks.slice(0, 16).map(({ ssid, rssi, secured }) => ({ ssid, rssi, secured }))),
			),
		);
	},
	"wifi-join": (context, { ssid, password }, request) => {
		const wifi = wifiOf(context.device);
		if (
			typeof ssid !== "string" ||
			typeof password !== "string" ||
			utf8Encode(ssid).length > MAX_SSID ||
			utf8Encode(password).length > MAX_PASSWORD
		)
			throw new ProvisioningError("malformed", "a network has a name and a password");
		return context.defer<"wifi-join">(request, (done) =>
			wifi.join(ssid, password, (joined) => {
				if (joined) context.store.setWifi({ ssid, password });
				done({ joined });
			}),
		);
	},
	"wifi-forget": ({ store, device }) => {
		const kept = store.wifi !== undefined;
		if (kept) {
			store.setWifi(undefined);
			device.restart();
		}
		return { kept };
	},
	"plan-begin": ({ device }, { envelope }) => planStep(device, envelope, (plan, bytes) => plan.begin(bytes)),
	"plan-write": ({ device }, { chunk }) => planStep(device, chunk, (plan, bytes) => plan.write(bytes)),
	"plan-delta": ({ device }, { envelope }) =>
		planStep(device, envelope, (plan, bytes) => {
			const result = plan.applyDelta(bytes);
			return result === "applied" || result === "revoked-ahead" ? undefined : result;
		}),
	"plan-commit": ({ device }) => {
		const plan = planOf(device);
		const result = plan.commit();
		if (result !== "more" && result !== "done") throw refusedPlan(result, device);
		return { more: result === "more", ...stateOf(plan) };
	},
	door: ({ device, store }, { command }) => {
		if (store.membership === undefined)
			throw new ProvisioningError("not-commissioned", "this reader has no door yet");
		if (typeof command !== "string" || !Object.hasOwn(DOOR_COMMANDS, command))
			throw new ProvisioningError("malformed", `commands are ${Object.keys(DOOR_COMMANDS).join(", ")}`);
		return device.command(command as DoorCommand);
	},
	time: ({ authority, device, store }, { seconds }) => {
		if (typeof seconds !== "number" || seconds < MIN_TIME || seconds > MAX_TIME)
			throw new ProvisioningError("malformed", "the time is seconds since 1970, after 2020");
		// `undefined`: the plan is not read yet.
		const { newestSigned: plan } = device;
		authority.checkTime(seconds, plan === undefined ? undefined : Math.max(plan, store.lists.newest.issued));
		device.setTime(seconds);
		return null;
	},
	log: ({ device, store }, { at = 0 }) => {
		if (store.wipe === "all")
			throw new ProvisioningError("busy", "the former site's log is about to be erased");
		const { size } = device.log;
		if (typeof at !== "number" || !Number.isInteger(at) || at < 0 || at > size)
			throw new ProvisioningError("malformed", "outside the log");
		const bytes = new Uint8Array(Math.min(LOG_CHUNK, size - at));
		device.log.read(at, bytes);
		return { size, bytes, blank: blankAfter(device.log, at, bytes) };
	},
	watch: (context, { on = true }, request) => {
		context.watch(on === true ? request : undefined);
		return null;
	},
	restart: ({ device }) => {
		device.restart();
		return null;
	},
	reset: ({ store, device }) => {
		store.reset();
		device.record(EVENTS.configuration, CONFIGURATION_CHANGES.reset, store.revision);
		device.restart();
		return null;
	},
});

function planStep(
	device: ProvisioningTarget,
	bytes: CborValue | undefined,
	step: (plan: PlanInstaller, bytes: Uint8Array) => PlanRefusal | undefined,
): PlanState {
	const plan = planOf(device);
	if (!(bytes instanceof Uint8Array) || bytes.length > MAX_PLAN_BYTES)
		throw new ProvisioningError("malformed", `a plan comes in pieces of at most ${MAX_PLAN_BYTES} bytes`);
	const refusal = step(plan, bytes);
	if (refusal !== undefined) throw refusedPlan(refusal, device);
	return stateOf(plan);
}

function stateOf({ count, epoch, version }: PlanInstaller): PlanState {
	return { epoch, version, count };
}

/** Stores trust anchor, credentials, configuration and the server that comes with them in one change. */
function finish(context: CommandContext, parameters: CborMap): ReplyOf<"finish"> {
	const { store, crypto, device } = context;
	const config = checkedConfiguration(store, device, parameters.configuration);
	const server = parameters.server === undefined ? undefined : serverIn(device, parameters.server);
	const wanted = readDoor(parameters.member ?? null);
	if (wanted === undefined) throw new ProvisioningError("malformed", "no door or credentials");
	const keys = store.keys;
	if (keys === undefined)
		throw new ProvisioningError("bad-credential", "this reader has no keys: it has started since");
	if (store.membership !== undefined)
		throw new ProvisioningError("already-commissioned", "only a factory reset ends this site's trust");
	const { former } = store;
	if (former !== undefined && parameters.eraseLog !== true)
		throw new ProvisioningError("old-log", `the log of site ${former.site} is still in this reader`);
	if (wanted.door !== config.id)
		throw new ProvisioningError("wrong-door", "the credential is another door's", { door: wanted.door });
	const { anchor, candidate: trust } = store.lists;
	if (trust === undefined) throw new ProvisioningError("trust-refused", "the site's trust lists come first");
	checkCredentials(wanted, { crypto, device, keys, trust });
	store.join({ trust, anchor, ...wanted }, config, server);
	// Who has proved the authority of the former site, for its log, has none of this one's.
	context.authority.judgeBy(trust, wanted.door);
	device.record(EVENTS.configuration, CONFIGURATION_CHANGES.commissioned, store.revision);
	const { revision } = store;
	return { revision, restart: device.configured(config), ...(server && { server: true }) };
}

/** Whose authority counts: the reader's site, or the one whose log it still has. */
function trustOf({ damaged, former, lists, membership }: ConfigStore): TrustList {
	if (damaged) throw damagedStore();
	const trust = membership === undefined ? former : lists.newest;
	if (trust === undefined)
		throw new ProvisioningError("not-commissioned", "this reader has no site yet, and needs no proof");
	return trust;
}

/**
 * Counts the blank bytes after a blank chunk, which need no transfer: they are most of a new reader's log.
 */
function blankAfter(log: Flash, at: number, chunk: Uint8Array): number {
	if (chunk.length < LOG_CHUNK || !isBlank(chunk)) return 0;
	const first = at + LOG_CHUNK;
	const end = Math.min(first + BLANK_LIMIT, log.size);
	const page = new Uint8Array(LOG_CHUNK);
	let next = first;
	for (; next + LOG_CHUNK <= end; next += LOG_CHUNK) {
		log.read(next, page);
		if (!isBlank(page)) break;
	}
	return next - first;
}

/** Compares words, as a turn of a loop costs the same for four bytes as for one. `chunk` must start its buffer. */
function isBlank(chunk: Uint8Array): boolean {
	const words = new Uint32Array(chunk.buffer);
	for (let i = 0; i < LOG_CHUNK / 4; i++) if (words[i] !== 0xffff_ffff) return false;
	return true;
}

function wifiOf({ wifi, wifiRefusal }: ProvisioningTarget): NonNullable<ProvisioningTarget["wifi"]> {
	if (wifi === undefined) throw new ProvisioningError("not-available", "this reader has no Wi-Fi");
	if (wifiRefusal !== undefined) throw new ProvisioningError("not-available", wifiRefusal);
	return wifi;
}

function planOf({ plan }: ProvisioningTarget): PlanInstaller {
	if (plan === undefined) throw new ProvisioningError("not-commissioned", "no site, no plan");
	return plan;
}

export function damagedStore(): ProvisioningError {
	return new ProvisioningError("damaged", "what this reader kept about its site cannot be read");
}

function refusedPlan(refusal: PlanRefusal, { minPlanVersion }: ProvisioningTarget): ProvisioningError {
	const more = refusal === "not-newer" ? { refusal, least: minPlanVersion } : { refusal };
	return new ProvisioningError("plan-refused", `the plan is refused: ${refusal}`, more);
}
