// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import { CborError } from "../../protocol/cbor/reader.js";
import {
	type CborMap,
	type CborValue,
	decodeValue,
	encodeValue,
	isFields,
} from "../../protocol/cbor/value.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { ProvisioningError, type ProvisioningReason } from "../../protocol/provisioning/error.js";
import {
	encodeFrame,
	KIND,
	MAX_PAYLOAD,
	type ReceivedFrame,
	VERSION,
} from "../../protocol/provisioning/frame.js";
import type { CommandName, ReplyOf } from "../../protocol/provisioning/messages.js";
import type { ConfigStore } from "../config/store.js";
import { Authority } from "./authority.js";
import { COMMANDS, type CommandContext, DEFERRED, damagedStore, type Request } from "./commands.js";
import { ImprovSerial } from "./improv.js";
import { REPEAT_MS, type Repetition, RequestHistory } from "./request-history.js";
import type { ProvisioningTarget } from "./target.js";

/** Protocol versions that this firmware speaks, lowest and highest. */
export const VERSIONS: readonly [number, number] = Object.freeze([VERSION, VERSION] as const);
/** A partial frame is dropped after this time without a byte, ms. */
export const SILENCE_MS = 250;
/** Time limit of a deferred reply, ms, so that a test or scan that hangs does not block the port. */
export const DEFERRED_MS = 45_000;
/** Interval of log records on requests refused for want of authority, ms. Each has the count since the last. */
export const REFUSED_MS = 60_000;
const REPLY_RESERVE = 4;

export interface ProvisioningOptions {
	readonly clock: Clock;
	readonly crypto: Crypto;
	readonly random: Random;
	readonly store: ConfigStore;
	readonly device: ProvisioningTarget;
	readonly write: (bytes: Uint8Array) => void;
	readonly versions?: readonly [number, number];
}

/**
 * Commands that a commissioned reader executes without authority; `trust` only where it is not `alone`. A damaged reader may be
 * commissioned, so it is restricted to them as well.
 */
export const UNAUTHENTICATED: readonly string[] = Object.freeze([
	"info",
	"state",
	"identify",
	"challenge",
	"prove",
	"trust",
	"trusted",
	"leave",
]);

/** Commands that are safe to execute again where the reply was lost. All others change or move something each time. */
export const REPEATABLE: readonly string[] = Object.freeze([
	"info",
	"state",
	"identify",
	"challenge",
	"trust",
	"trusted",
	"leave",
	"configuration",
	"check",
	"begin",
	"log",
	"watch",
	"wifi-scan",
]);

/**
 * Refusals that are not cached. A client refused for its version repeats the request in another version, maybe with the same
 * number; a client that is told to try later must not displace the reply of another.
 */
const NOT_CACHED: readonly ProvisioningReason[] = Object.freeze([
	"unsupported-version",
	"reply-gone",
	"out-of-order",
] as const);

interface Answered {
	readonly client: Uint8Array;
	readonly number: number;
	readonly sealed: boolean;
	readonly reply: Uint8Array;
}

/** The device's end of the serial protocol. It gets bytes by `feed`, sends them by `write`, and never blocks. */
export class Provisioning implements CommandContext {
	readonly store: ConfigStore;
	readonly device: ProvisioningTarget;
	readonly crypto: Crypto;
	readonly authority: Authority;
	readonly versions: readonly [number, number];
	private readonly options: ProvisioningOptions;
	private readonly splitter: FrameDemux;
	private readonly improv: ImprovSerial;
	private readonly silence: Alarm;
	private readonly deferred: Alarm;
	private readonly executed = new RequestHistory();
	/** The last request with its reply. A repetition gets the same reply and is not executed again. */
	private last: Answered | undefined;
	/** The last request that is not repeatable, kept apart so that reads of other clients do not displace it. */
	private lastDone: Answered | undefined;
	private waiting: Request | undefined;
	private watcher: Request | undefined;
	private events = 0;
	private refused = 0;
	private refusedFrom = Number.NEGATIVE_INFINITY;

	constructor(options: ProvisioningOptions) {
		this.options = options;
		const { clock, device, store } = options;
		this.store = store;
		this.device = device;
		this.crypto = options.crypto;
		this.versions = options.versions ?? VERSIONS;
		this.authority = new Authority({
			...options,
			knownTime: () => device.knownTime,
			onProof: (admitted, key, unheard) =>
				device.record(EVENTS.service, admitted ? 1 : 0, unheard, options.crypto.sha256(key).subarray(0, 8)),
		});
		this.improv = new ImprovSerial({
			clock,
			device,
			store,
			write: options.write,
			joined: (ssid, password) => store.setWifi({ ssid, password }),
		});
		this.splitter = new FrameDemux({
			onFrame: (frame) => this.frame(frame),
			onImprov: (frame) => {
				if (this.improv.frame(frame)) this.logRefused();
			},
			onImprovDamaged: () => this.improv.damaged(),
		});
		this.silence = clock.alarm(() => this.splitter.silence());
		this.deferred = clock.alarm(() =>
			this.fail(new ProvisioningError("failed", "it took too long; look at the wiring and try again")),
		);
	}

	/** Takes bytes from the port, cut anywhere. */
	feed(bytes: Uint8Array): void {
		this.splitter.feed(bytes);
		if (this.splitter.pending > 0) this.silence.set(SILENCE_MS);
		else this.silence.clear();
	}

	private frame(frame: ReceivedFrame): void {
		if (frame.kind !== KIND.request) return;
		const request: Request = {
			client: frame.client.slice(),
			number: frame.number,
			version: frame.version,
			sealed: frame.seal !== undefined,
			session: undefined,
		};
		const [min, max] = this.versions;
		if (frame.version < min || frame.version > max) {
			this.answerError(
				{ ...request, version: max },
				new ProvisioningError("unsupported-version", `this reader speaks versions ${min} to ${max}`, {
					least: min,
					greatest: max,
				}),
			);
			return;
		}
		const { client, number, sealed } = request;
		if (sealed) {
			request.session = this.authority.sessionOf(frame);
			if (request.session === undefined) {
				this.logRefused(client);
				this.answerError(request, unproven(), false);
				return;
			}
		}
		const known = this.executed.look(client, number, this.options.clock.now());
		const answered = isOf(this.last, request) ? this.last : this.lastDone;
		if (answered !== undefined && isOf(answered, request)) {
			this.options.write(answered.reply);
			return;
		}
		if (isOf(this.waiting, request)) return;
		try {
			const result = this.execute(frame.payload, request, known);
			if (result !== DEFERRED) this.answer(request, KIND.reply, result);
		} catch (error) {
			this.answerError(request, error);
		}
	}

	private execute(payload: Uint8Array, request: Request, known: Repetition): CborValue | typeof DEFERRED {
		const body = decodeValue(payload);
		const [name, parameters = {}] = Array.isArray(body) ? (body as readonly CborValue[]) : [];
		if (typeof name !== "string" || !isFields(parameters))
			throw new ProvisioningError("malformed", "a request is an array of a name and a map");
		const handler = Object.hasOwn(COMMANDS, name) ? COMMANDS[name as CommandName] : undefined;
		if (handler === undefined)
			throw new ProvisioningError("unknown-command", `this firmware has no command ${name.slice(0, 24)}`);
		const repeatable = REPEATABLE.includes(name);
		if (!repeatable && known !== "new") throw gone(known);
		const { damaged, former, membership } = this.options.store;
		// Lists are in many hands: whoever brings one may not take the door's plan by it.
		const open = UNAUTHENTICATED.includes(name) && !(name === "trust" && parameters.alone === true);
		if (damaged && !open) throw damagedStore();
		if (request.session === undefined) {
			const needed = membership !== undefined ? !open : name === "log" && former !== undefined;
			if (needed) {
				this.logRefused(request.client);
				throw unproven(former?.site);
			}
		} else if (!open && name !== "time" && this.authority.awaitsTime) {
			throw new ProvisioningError("clock-unset", "the dates of this key need a clock that is set");
		}
		// A failed proof takes no row, so it cannot evict another client.
		if (name !== "prove" && !repeatable) this.note(request);
		const result = handler(this, parameters, request);
		if (name === "prove") this.note(request);
		return result;
	}

	/** Logs a refusal for want of authority. `client`: absent for Improv, which has no client numbers. */
	private logRefused(client?: Uint8Array): void {
		const now = this.options.clock.now();
		if (now - this.refusedFrom < REFUSED_MS) {
			this.refused++;
			return;
		}
		this.options.device.record(EVENTS.service, 2, this.refused, client);
		this.refused = 0;
		this.refusedFrom = now;
	}

	/** Notes that the request is executed. On a commissioned reader one client alone has authority. */
	private note({ client, number }: Request): void {
		const { clock, store } = this.options;
		if (this.executed.note(client, number, clock.now(), store.membership !== undefined)) return;
		throw new ProvisioningError("busy", "too many programs use this reader at once", {
			retryAfter: REPEAT_MS,
		});
	}

	defer<N extends CommandName>(
		request: Request,
		start: (done: (result: ReplyOf<N>) => void) => void,
	): typeof DEFERRED {
		if (this.waiting !== undefined)
			throw new ProvisioningError("busy", "the reader is at work for another request; wait a moment");
		this.waiting = request;
		this.deferred.set(DEFERRED_MS);
		start((result) => {
			if (this.waiting !== request) return;
			this.ended();
			this.answer(request, KIND.reply, result);
		});
		return DEFERRED;
	}

	private fail(error: ProvisioningError): void {
		const request = this.waiting;
		if (request === undefined) return;
		this.ended();
		this.answerError(request, error);
	}

	private ended(): void {
		this.waiting = undefined;
		this.deferred.clear();
	}

	unwatch(client: Uint8Array): void {
		if (this.watcher !== undefined && equal(this.watcher.client, client)) this.watch(undefined);
	}

	watch(request: Request | undefined): void {
		this.watcher = request;
		this.options.device.watch(request && ((event) => this.event(event)));
	}

	private event(event: CborMap): void {
		const { client, version, session } = this.watcher!;
		// A client that lost its authority meanwhile gets no further events.
		const { membership, damaged } = this.options.store;
		if (damaged || (membership !== undefined && !this.authority.has(session))) {
			this.watch(undefined);
			return;
		}
		const number = this.events++ & 0xffff;
		this.options.write(
			encodeFrame({ version, kind: KIND.event, client, number, payload: encodeValue(event) }, session),
		);
	}

	private answerError(request: Request, error: unknown, remember = true): void {
		let known = error instanceof CborError ? new ProvisioningError("malformed", error.message) : error;
		// A defect in a command must neither stop the reader nor leave the installer without an answer.
		if (!(known instanceof ProvisioningError))
			known = new ProvisioningError(
				"failed",
				error instanceof Error ? error.message.slice(0, 200) : "unknown",
			);
		const { reason, message, more } = known as ProvisioningError;
		this.answer(request, KIND.error, { reason, message, ...more }, remember && !NOT_CACHED.includes(reason));
	}

	private answer(request: Request, kind: number, value: CborValue, remember = true): void {
		const { client, number, sealed, version, session } = request;
		let payload = encodeValue(value);
		let sent = kind;
		if (payload.length > MAX_PAYLOAD - REPLY_RESERVE) {
			payload = encodeValue({ reason: "failed", message: "the reply is too long" });
			sent = KIND.error;
		}
		const reply = encodeFrame({ version, kind: sent, client, number, payload }, session);
		if (remember) {
			this.last = { client, number, sealed, reply };
			if (this.executed.isDone(client, number)) this.lastDone = this.last;
		}
		this.options.write(reply);
	}
}

function isOf(answered: Omit<Answered, "reply"> | undefined, request: Request): boolean {
	return (
		answered !== undefined &&
		answered.number === request.number &&
		answered.sealed === request.sealed &&
		equal(answered.client, request.client)
	);
}

/** `former`: the site whose log it is. */
function unproven(former?: string): ProvisioningError {
	return new ProvisioningError(
		"not-authorised",
		former === undefined
			? "this reader is commissioned: prove your authority first"
			: `the log is still that of site ${former}: prove its authority first`,
	);
}

function gone(known: "done" | "old"): ProvisioningError {
	return known === "done"
		? new ProvisioningError("reply-gone", "this was done, and its reply is gone; it is not done twice")
		: new ProvisioningError("out-of-order", "this client has asked something newer");
}
