import type { Alarm, Clock, Crypto, Random, WallClock } from "../../hal/contracts.js";
import { EVENTS } from "../audit/events.js";
import { equal, utf8Encode } from "../bytes.js";
import { checkConfig } from "../config/document.js";
import { type ConfigStore, readMembership } from "../config/store.js";
import { CborError } from "../credential/cbor.js";
import { CredentialError, verifyCredential } from "../credential/credential.js";
import type { PlanRefusal } from "../plan/envelope.js";
import { Authority } from "./authority.js";
import { ProvisioningError } from "./error.js";
import { type DeviceFacade, type PlanFacade, TESTS, type TestName } from "./facade.js";
import { encodeFrame, type Frame, KIND, MAX_PAYLOAD } from "./frame.js";
import { ImprovSerial, MAX_PASSWORD, MAX_SSID } from "./improv.js";
import { Splitter } from "./splitter.js";
import { decodeValue, encodeValue, type Fields, isFields, type Value } from "./value.js";

/** Protocol versions that this firmware speaks, from least to greatest. */
export const VERSIONS: readonly [number, number] = Object.freeze([1, 1] as const);
/** Half a frame is given up after this long without a byte, ms. */
export const SILENCE_MS = 250;
/** A test or scan that never comes back must not block the port for ever, ms. */
export const DEFERRED_MS = 45_000;
const MAX_IDENTIFY_MS = 60_000;
const LOG_CHUNK = 1024;
/** A chunk of a plan's body, or the whole of a header or delta; longer deltas come as a snapshot instead. */
const MAX_PLAN_BYTES = 1200;
const REPLY_RESERVE = 4;

export interface ProvisioningOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly crypto: Crypto;
	readonly random: Random;
	readonly store: ConfigStore;
	readonly device: DeviceFacade;
	readonly write: (bytes: Uint8Array) => void;
	readonly versions?: readonly [number, number];
}

interface Request {
	readonly client: Uint8Array;
	readonly number: number;
	readonly version: number;
}

type Handler = (parameters: Fields, request: Request) => Value | typeof LATER;

const LATER = Symbol("later");
/** What a commissioned reader answers to anybody. A damaged one may be commissioned, so it answers no more than that. */
const OPEN: readonly string[] = Object.freeze(["info", "state", "identify", "challenge", "prove", "leave"]);

/** The device's end of the serial protocol. Bytes in by `feed`, bytes out by `write`; nothing here blocks. */
export class Provisioning {
	readonly #options: ProvisioningOptions;
	readonly #splitter: Splitter;
	readonly #authority: Authority;
	readonly #improv: ImprovSerial;
	readonly #silence: Alarm;
	readonly #deferred: Alarm;
	readonly #handlers: { readonly [name: string]: Handler };
	readonly #versions: readonly [number, number];
	/** The last request that was executed, and its reply: a repeated request gets the same reply and does nothing. */
	#last: { client: Uint8Array; number: number; reply: Uint8Array } | undefined;
	#waiting: Request | undefined;
	#watcher: Request | undefined;
	#events = 0;

	constructor(options: ProvisioningOptions) {
		this.#options = options;
		const { clock, device, store } = options;
		this.#versions = options.versions ?? VERSIONS;
		this.#authority = new Authority({
			...options,
			onProof: (admitted, key, unheard) =>
				device.record(EVENTS.service, admitted ? 1 : 0, unheard, options.crypto.sha256(key).subarray(0, 8)),
		});
		this.#improv = new ImprovSerial({
			clock,
			device,
			store,
			write: options.write,
			joined: (ssid, password) => store.setWifi({ ssid, password }),
		});
		this.#splitter = new Splitter({
			onFrame: (frame) => this.#frame(frame),
			onImprov: (frame) => this.#improv.frame(frame),
		});
		this.#silence = clock.alarm(() => this.#splitter.silence());
		this.#deferred = clock.alarm(() =>
			this.#fail(new ProvisioningError("failed", "it took too long; look at the wiring and try again")),
		);
		this.#handlers = this.#table();
	}

	/** Takes bytes as they come from the port. */
	feed(bytes: Uint8Array): void {
		this.#splitter.feed(bytes);
		if (this.#splitter.pending > 0) this.#silence.set(SILENCE_MS);
		else this.#silence.clear();
	}

	close(): void {
		this.#options.device.watch(undefined);
		this.#silence.close();
		this.#deferred.close();
		this.#improv.close();
	}

	#frame(frame: Frame): void {
		if (frame.kind !== KIND.request) return;
		const request: Request = {
			client: frame.client.slice(),
			number: frame.number,
			version: frame.version,
		};
		const [least, greatest] = this.#versions;
		if (frame.version < least || frame.version > greatest) {
			this.#answerError(
				{ ...request, version: greatest },
				new ProvisioningError("unsupported-version", `this reader speaks versions ${least} to ${greatest}`, {
					least,
					greatest,
				}),
			);
			return;
		}
		const last = this.#last;
		if (last !== undefined && last.number === request.number && equal(last.client, request.client)) {
			this.#options.write(last.reply);
			return;
		}
		const waiting = this.#waiting;
		if (waiting !== undefined && waiting.number === request.number && equal(waiting.client, request.client))
			return;
		try {
			const result = this.#execute(frame.payload, request);
			if (result !== LATER) this.#answer(request, KIND.reply, result);
		} catch (error) {
			this.#answerError(request, error);
		}
	}

	#execute(payload: Uint8Array, request: Request): Value | typeof LATER {
		const body = decodeValue(payload);
		const [name, parameters = {}] = Array.isArray(body) ? (body as readonly Value[]) : [];
		if (typeof name !== "string" || !isFields(parameters))
			throw new ProvisioningError("malformed", "a request is an array of a name and a map");
		const handler = Object.hasOwn(this.#handlers, name) ? this.#handlers[name] : undefined;
		if (handler === undefined)
			throw new ProvisioningError("unknown-command", `this firmware has no command ${name.slice(0, 24)}`);
		const { membership, damaged } = this.#options.store;
		if (damaged && !OPEN.includes(name)) throw damagedStore();
		if (membership !== undefined && !OPEN.includes(name) && !this.#authority.has(request.client))
			throw new ProvisioningError(
				"not-authorised",
				"this reader is commissioned: prove your authority first",
			);
		return handler(parameters, request);
	}

	#table(): { readonly [name: string]: Handler } {
		const { store, device } = this.#options;
		const authority = this.#authority;
		return {
			info: () => ({
				...device.info(),
				protocol: [...this.#versions],
				commissioned: store.membership !== undefined,
				damaged: store.damaged,
				...(store.membership && { site: store.membership.trust.site, door: store.membership.door }),
				...(store.keys && { key: store.keys[0]!.publicKey }),
				...(store.config && { name: store.config.name }),
			}),
			state: () => ({ ...device.state(), revision: store.revision, damaged: store.damaged }),
			identify: ({ ms = 10_000 }) => {
				if (typeof ms !== "number" || ms < 0 || ms > MAX_IDENTIFY_MS)
					throw new ProvisioningError("malformed", "identify takes 0 to 60000 ms");
				device.identify(ms);
				return null;
			},
			challenge: (_, { client }) => {
				this.#member();
				return authority.challenge(client);
			},
			prove: ({ key, signature, service }, { client }) => {
				const member = this.#member();
				if (!(key instanceof Uint8Array) || !(signature instanceof Uint8Array))
					throw new ProvisioningError("malformed", "a proof has a key and a signature");
				const credential = service instanceof Uint8Array ? service : undefined;
				authority.prove(client, key, signature, credential, member.trust, store.keys![0]!.publicKey);
				return null;
			},
			leave: (_, { client }) => {
				authority.leave(client);
				if (this.#watcher !== undefined && equal(this.#watcher.client, client)) this.#watch(undefined);
				return null;
			},
			configuration: () => (store.config ?? null) as unknown as Value,
			apply: ({ configuration }) => {
				const config = this.#checked(configuration);
				if (!store.setConfig(config)) return { changed: false, revision: store.revision };
				device.record(EVENTS.configuration, 0, store.revision);
				return { changed: true, revision: store.revision, restart: device.configured(config) };
			},
			begin: () => ({
				keys: store.makeKeys().map(({ algorithm, publicKey }) => ({ algorithm, publicKey })),
			}),
			finish: (parameters) => this.#finish(parameters),
			test: ({ name }, request) => {
				if (!(TESTS as readonly unknown[]).includes(name))
					throw new ProvisioningError("not-available", `tests are ${TESTS.join(", ")}`);
				return this.#defer(request, (done) =>
					device.test(name as TestName, ({ passed, detail }) => done({ passed, detail })),
				);
			},
			"wifi-scan": (_, request) => {
				const wifi = this.#wifi();
				return this.#defer(request, (done) =>
					wifi.scan((networks) =>
						done(networks.slice(0, 16).map(({ ssid, rssi, secured }) => ({ ssid, rssi, secured }))),
					),
				);
			},
			"wifi-join": ({ ssid, password }, request) => {
				const wifi = this.#wifi();
				if (
					typeof ssid !== "string" ||
					typeof password !== "string" ||
					utf8Encode(ssid).length > MAX_SSID ||
					utf8Encode(password).length > MAX_PASSWORD
				)
					throw new ProvisioningError("malformed", "a network has a name and a password");
				return this.#defer(request, (done) =>
					wifi.join(ssid, password, (joined) => {
						if (joined) store.setWifi({ ssid, password });
						done({ joined });
					}),
				);
			},
			"plan-begin": ({ envelope }) => this.#plan(envelope, (plan, bytes) => plan.begin(bytes)),
			"plan-write": ({ chunk }) => this.#plan(chunk, (plan, bytes) => plan.write(bytes)),
			"plan-delta": ({ envelope }) =>
				this.#plan(envelope, (plan, bytes) => {
					const result = plan.applyDelta(bytes);
					return result === "applied" || result === "revoked-ahead" ? undefined : result;
				}),
			"plan-commit": () => {
				const plan = device.plan;
				if (plan === undefined) throw new ProvisioningError("not-commissioned", "no site, no plan");
				const result = plan.commit();
				if (result !== "more" && result !== "done") throw refusedPlan(result);
				return { more: result === "more", version: plan.version, count: plan.count };
			},
			time: ({ seconds }) => {
				if (typeof seconds !== "number" || seconds < 1_577_836_800 || seconds > 0xffff_ffff)
					throw new ProvisioningError("malformed", "the time is seconds since 1970, after 2020");
				device.setTime(seconds);
				return null;
			},
			log: ({ at = 0 }) => {
				const { size } = device.log;
				if (typeof at !== "number" || at < 0 || at > size)
					throw new ProvisioningError("malformed", "outside the log");
				const bytes = new Uint8Array(Math.min(LOG_CHUNK, size - at));
				device.log.read(at, bytes);
				return { size, bytes };
			},
			watch: ({ on = true }, request) => {
				this.#watch(on === true ? request : undefined);
				return null;
			},
			restart: () => {
				device.restart();
				return null;
			},
			reset: () => {
				store.reset();
				device.record(EVENTS.configuration, 1, 0);
				device.restart();
				return null;
			},
		};
	}

	#plan(
		bytes: Value | undefined,
		step: (plan: PlanFacade, bytes: Uint8Array) => PlanRefusal | undefined,
	): Value {
		const plan = this.#options.device.plan;
		if (plan === undefined) throw new ProvisioningError("not-commissioned", "no site, no plan");
		if (!(bytes instanceof Uint8Array) || bytes.length > MAX_PLAN_BYTES)
			throw new ProvisioningError("malformed", `a plan comes in pieces of at most ${MAX_PLAN_BYTES} bytes`);
		const refusal = step(plan, bytes);
		if (refusal !== undefined) throw refusedPlan(refusal);
		return { version: plan.version, count: plan.count };
	}

	#checked(value: Value | undefined) {
		const checked = checkConfig(value);
		if ("problems" in checked)
			throw new ProvisioningError("invalid-configuration", "nothing was changed", {
				// As many as surely fit; the first ones are enough to go on with.
				problems: checked.problems.slice(0, 6).map(({ field, reason, message }) => ({
					field: field.slice(0, 40),
					reason,
					message,
				})),
			});
		const door = this.#options.store.membership?.door;
		if (door !== undefined && door !== checked.config.id)
			throw new ProvisioningError("wrong-door", `this is the reader of door ${door}`, { door });
		return checked.config;
	}

	/** Trust anchor, credentials and configuration at once; the same again is done already. */
	#finish(parameters: Fields): Value {
		const { store, crypto, device } = this.#options;
		const config = this.#checked(parameters.configuration);
		const wanted = readMembership(parameters.member ?? null);
		if (wanted === undefined) throw new ProvisioningError("malformed", "no site, keys or credentials");
		const keys = store.keys;
		if (keys === undefined) throw new ProvisioningError("not-commissioned", "begin first");
		if (store.membership !== undefined)
			throw new ProvisioningError("already-commissioned", "only a factory reset ends this site's trust");
		if (wanted.door !== config.id)
			throw new ProvisioningError("wrong-door", "the credential is another door's", { door: wanted.door });
		const certified = new Set<number>();
		for (const cwt of wanted.credentials) {
			try {
				const credential = verifyCredential(cwt, wanted.trust, crypto);
				const own = keys.find(({ algorithm }) => algorithm === credential.key.algorithm);
				if (
					own === undefined ||
					credential.subject !== wanted.door ||
					!samePoint(own.publicKey, credential.key.publicKey)
				)
					throw new ProvisioningError("bad-credential", "is not for this reader and door");
				certified.add(credential.key.algorithm);
			} catch (error) {
				if (error instanceof CredentialError) throw new ProvisioningError("bad-credential", error.message);
				throw error;
			}
		}
		if (!certified.has(keys[0]!.algorithm))
			throw new ProvisioningError("bad-credential", "none is for the reader's Ed25519 key");
		store.join(wanted, config);
		device.record(EVENTS.configuration, 2, store.revision);
		return { revision: store.revision, restart: device.configured(config) };
	}

	#member() {
		const { membership, damaged } = this.#options.store;
		if (damaged) throw damagedStore();
		if (membership === undefined)
			throw new ProvisioningError("not-commissioned", "this reader has no site yet, and needs no proof");
		return membership;
	}

	#wifi() {
		const { wifi } = this.#options.device;
		if (wifi === undefined) throw new ProvisioningError("not-available", "this reader has no Wi-Fi");
		return wifi;
	}

	#defer(request: Request, start: (done: (result: Value) => void) => void): typeof LATER {
		if (this.#waiting !== undefined)
			throw new ProvisioningError("busy", "the reader is at work for another request; wait a moment");
		this.#waiting = request;
		this.#deferred.set(DEFERRED_MS);
		start((result) => {
			if (this.#waiting !== request) return;
			this.#ended();
			this.#answer(request, KIND.reply, result);
		});
		return LATER;
	}

	#fail(error: ProvisioningError): void {
		const request = this.#waiting;
		if (request === undefined) return;
		this.#ended();
		this.#answerError(request, error);
	}

	#ended(): void {
		this.#waiting = undefined;
		this.#deferred.clear();
	}

	#watch(request: Request | undefined): void {
		this.#watcher = request;
		this.#options.device.watch(request && ((event) => this.#event(event)));
	}

	#event(event: Fields): void {
		const { client, version } = this.#watcher!;
		// A client that lost its authority meanwhile sees nothing more.
		const { membership, damaged } = this.#options.store;
		if (damaged || (membership !== undefined && !this.#authority.has(client))) {
			this.#watch(undefined);
			return;
		}
		const number = this.#events++ & 0xffff;
		this.#options.write(
			encodeFrame({ version, kind: KIND.event, client, number, payload: encodeValue(event) }),
		);
	}

	#answerError(request: Request, error: unknown): void {
		let known = error instanceof CborError ? new ProvisioningError("malformed", error.message) : error;
		// A defect below must neither stop the reader nor leave the installer without an answer.
		if (!(known instanceof ProvisioningError))
			known = new ProvisioningError(
				"failed",
				error instanceof Error ? error.message.slice(0, 200) : "unknown",
			);
		const { reason, message, more } = known as ProvisioningError;
		this.#answer(request, KIND.error, { reason, message, ...more }, reason !== "unsupported-version");
	}

	#answer(request: Request, kind: number, value: Value, remember = true): void {
		const { client, number, version } = request;
		let payload = encodeValue(value);
		let sent = kind;
		if (payload.length > MAX_PAYLOAD - REPLY_RESERVE) {
			payload = encodeValue({ reason: "failed", message: "the reply is too long" });
			sent = KIND.error;
		}
		const reply = encodeFrame({ version, kind: sent, client, number, payload });
		// Who was refused for its version asks again in another, maybe by the same number.
		if (remember) this.#last = { client, number, reply };
		this.#options.write(reply);
	}
}

/** One may be compressed (SEC 1 2.3.3): the x coordinate and the sign of y say the same. */
function samePoint(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length === 32 || b.length === 32) return equal(a, b);
	const odd = (point: Uint8Array): number => point[point.length === 65 ? 64 : 0]! & 1;
	return odd(a) === odd(b) && equal(a.subarray(1, 33), b.subarray(1, 33));
}

function damagedStore(): ProvisioningError {
	return new ProvisioningError("damaged", "what this reader kept about its site cannot be read");
}

function refusedPlan(refusal: PlanRefusal): ProvisioningError {
	return new ProvisioningError("plan-refused", `the plan is refused: ${refusal}`, { refusal });
}
