// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import {
	type CborMap,
	type CborValue,
	decodeValue,
	encodeValue,
	isFields,
} from "../../../protocol/cbor/value.js";
import { FrameDemux } from "../../../protocol/provisioning/demux.js";
import { encodeFrame, KIND, type ReceivedFrame, VERSION } from "../../../protocol/provisioning/frame.js";
import type { CommandName, ParametersOf, ReplyOf } from "../../../protocol/provisioning/messages.js";
import type { CableSession } from "../../../protocol/provisioning/session.js";
import { ClientError, RequestRefused, refusalOf } from "./errors.js";
import { type Check, REPLIES } from "./replies.js";

/** The protocol versions of this client, the oldest and the newest. In the oldest it only looks: see `withAuthority`. */
const VERSIONS: readonly [number, number] = [1, VERSION];
/** A request without reply is sent again after this, ms. */
const RETRY_MS = 800;
const WAIT_MS = 5 * RETRY_MS;
/** For requests that a reader answers when something has happened at the door; it gives up after 45 s. */
const SLOW_WAIT_MS = 50_000;
const SLOW: readonly CommandName[] = ["test", "wifi-scan", "wifi-join"];

/** A serial port with a reader at its other end, however the program reaches it. */
export interface BytePort {
	write(bytes: Uint8Array): void;
	/** Set by the client. */
	onBytes: ((bytes: Uint8Array) => void) | undefined;
	/** Set by the client: the port has gone, as by an unplugged cable. */
	onClosed: (() => void) | undefined;
	close(): void | Promise<void>;
}

/** Calls `action` once in `ms`, unless the function that it gives back is called before. */
export type After = (ms: number, action: () => void) => () => void;

const inRealTime: After = (ms, action) => {
	const timer = setTimeout(action, ms);
	return () => clearTimeout(timer);
};

export type Outcome<T> = { readonly reply: T } | { readonly error: ClientError };

/** Parameters may be left out where a command needs none. */
export type Arguments<N extends CommandName> =
	Record<never, never> extends ParametersOf<N>
		? [parameters?: ParametersOf<N>, waitMs?: number]
		: [parameters: ParametersOf<N>, waitMs?: number];

/** What work of several requests needs of a client. */
export type Requester = Pick<ProvisioningClient, "request">;

interface Pending {
	readonly name: CommandName;
	readonly payload: Uint8Array;
	readonly waitMs: number;
	readonly end: (outcome: Outcome<CborValue>) => void;
}

/** One reader at the other end of a port. Requests go one after the other. */
export class ProvisioningClient {
	/** 8 random bytes: whose requests these are. */
	readonly id: Uint8Array;
	readonly after: After;
	/** Live events, while they are watched. */
	onEvent: ((event: CborMap) => void) | undefined;
	onClosed: ((error: ClientError) => void) | undefined;
	/** The key that the reader has proved; no other is taken on this port any more. */
	reader: Uint8Array | undefined;
	/** With authority: requests are sealed, and what has no seal of it is no reply and no event. */
	session: CableSession | undefined;
	readonly #port: BytePort;
	readonly #demux: FrameDemux;
	/** The first one is on its way. */
	readonly #requests: Pending[] = [];
	#number = 0;
	#version = VERSIONS[1];
	#lastEvent: number | undefined;
	#answer: { readonly kind: number; readonly value: CborValue | undefined } | undefined;
	#cancelRetry: () => void = () => {};
	#cancelEnd: () => void = () => {};
	#closed: ClientError | undefined;

	constructor(port: BytePort, id: Uint8Array, after = inRealTime) {
		this.id = id;
		this.after = after;
		this.#port = port;
		this.#demux = new FrameDemux({ onFrame: (frame) => this.#frame(frame) });
		port.onBytes = (bytes) => {
			this.#demux.feed(bytes);
			this.#settle();
		};
		port.onClosed = () => {
			this.#fail("the reader was unplugged");
			this.onClosed?.(this.#closed!);
		};
	}

	/** The version that the reader was last asked in. */
	get version(): number {
		return this.#version;
	}

	/** The reply to one request; it is repeated until there is one, and the reader executes it once. Throws `ClientError`. */
	request<N extends CommandName>(name: N, ...[parameters, waitMs]: Arguments<N>): Promise<ReplyOf<N>> {
		return new Promise((resolve, reject) =>
			this.send(
				name,
				parameters,
				(outcome) => ("error" in outcome ? reject(outcome.error) : resolve(outcome.reply)),
				waitMs,
			),
		);
	}

	/** The same for callers that cannot await: `done` is called once, maybe from inside. */
	send<N extends CommandName>(
		name: N,
		parameters: ParametersOf<N> | undefined,
		done: (outcome: Outcome<ReplyOf<N>>) => void,
		waitMs = SLOW.includes(name) ? SLOW_WAIT_MS : WAIT_MS,
	): void {
		const check: Check<ReplyOf<N>> = REPLIES[name];
		const end = (outcome: Outcome<CborValue>): void =>
			done("error" in outcome ? outcome : checked(check, outcome.reply));
		const payload = encodeValue([name, (parameters ?? {}) as CborMap]);
		this.#requests.push({ name, payload, waitMs, end });
		if (this.#requests.length === 1) this.#begin();
	}

	async close(): Promise<void> {
		this.#port.onClosed = undefined;
		this.#fail("the port was closed");
		await this.#port.close();
	}

	/** Sends the first of `#requests`. */
	#begin(): void {
		const request = this.#requests[0];
		if (request === undefined) return;
		if (this.#closed !== undefined) {
			this.#end({ error: this.#closed });
			return;
		}
		this.#number = (this.#number + 1) & 0xffff;
		const bytes = encodeFrame(
			{
				version: this.#version,
				kind: KIND.request,
				client: this.id,
				number: this.#number,
				payload: request.payload,
			},
			// The reader has the session's key once it has taken the proof.
			request.name === "prove" ? undefined : this.session,
		);
		const send = (): void => {
			this.#cancelRetry = this.after(RETRY_MS, send);
			this.#port.write(bytes);
			// What has begun to come before this is no reply to it.
			this.#demux.silence();
			this.#settle();
		};
		this.#cancelEnd = this.after(request.waitMs, () =>
			this.#end({ error: new ClientError("no-answer", "the reader does not answer") }),
		);
		send();
	}

	/** Ends the first of `#requests`, and begins the next. */
	#end(outcome: Outcome<CborValue>): void {
		this.#cancelRetry();
		this.#cancelEnd();
		this.#answer = undefined;
		const request = this.#requests.shift();
		request?.end(outcome);
		this.#begin();
	}

	#frame(frame: ReceivedFrame): void {
		const { client, kind, number, payload } = frame;
		if (!equal(client, this.id)) return;
		// A refusal without a seal, as of a reader that has started again, can end a request and never fulfil it.
		if (this.session !== undefined && kind !== KIND.error && !this.session.sealed(frame)) return;
		const value = decoded(payload);
		if (kind === KIND.event) {
			if (isFields(value) && this.#isNewer(number)) this.onEvent?.(value);
			return;
		}
		// A line that gives back what is sent, as a loopback plug's or a login's, is no reader.
		if (kind !== KIND.reply && kind !== KIND.error) return;
		if (this.#requests.length > 0 && number === this.#number) this.#answer = { kind, value };
	}

	/** Events are counted and the count goes round (RFC 1982 3.2): an older one is a repeat by what is in the cable. */
	#isNewer(number: number): boolean {
		const ahead = (number - (this.#lastEvent ?? number - 1)) & 0xffff;
		if (ahead === 0 || ahead >= 0x8000) return false;
		this.#lastEvent = number;
		return true;
	}

	/** Takes the answer, if it has come, once the demux is done with the bytes that it was in. */
	#settle(): void {
		const answer = this.#answer;
		if (answer === undefined) return;
		this.#answer = undefined;
		const { kind, value } = answer;
		if (value === undefined)
			this.#end({ error: new ClientError("bad-reply", "the reply cannot be decoded") });
		else if (kind === KIND.reply) this.#end({ reply: value });
		else this.#refused(value);
	}

	/** A reader of other versions is asked once more in the newest one that both have. */
	#refused(value: CborValue): void {
		const refusal = refusalOf(value);
		if (refusal.reason !== "unsupported-version") {
			this.#end({ error: new RequestRefused(this.#requests[0]!.name, refusal) });
			return;
		}
		const { least = 0, greatest = 0 } = refusal;
		const [oldest, newest] = VERSIONS;
		const common = Math.min(greatest, newest);
		if (common < Math.max(least, oldest) || common === this.#version) {
			const speaks = `this reader speaks protocol versions ${least} to ${greatest}, this program ${oldest} to ${newest}`;
			this.#end({ error: new ClientError(least > newest ? "newer-reader" : "older-reader", speaks) });
			return;
		}
		this.#cancelRetry();
		this.#cancelEnd();
		this.#version = common;
		this.#begin();
	}

	#fail(message: string): void {
		this.#closed ??= new ClientError("port-closed", message);
		if (this.#requests.length > 0) this.#end({ error: this.#closed });
	}
}

/** `undefined`: the checksum was right and this is no CBOR, so it is a defect of the firmware. */
function decoded(payload: Uint8Array): CborValue | undefined {
	try {
		return decodeValue(payload);
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}

function checked<T>(check: Check<T>, value: CborValue): Outcome<T> {
	try {
		return { reply: check(value) };
	} catch (error) {
		if (error instanceof ClientError) return { error };
		throw error;
	}
}
