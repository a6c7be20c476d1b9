// SPDX-License-Identifier: Apache-2.0

/** One tap in a fresh world, with what happened in its order. */

import { concat } from "../protocol/bytes.js";
import type { Crypto } from "../protocol/crypto.js";
import type { Link } from "../protocol/events.js";
import { CODE_LIFE_S } from "../protocol/qr/code.js";
import type { Reason } from "../protocol/reasons.js";
import { ANDROID, IOS } from "./ble/profile.js";
import { airMicros } from "./nfc/field.js";
import type { PhoneKind } from "./people.js";
import type { TraceEntry } from "./pn532/trace.js";
import { type Part, Spans, type Split } from "./split.js";
import { keepPlansComing } from "./traffic.js";
import { World, type WorldOptions } from "./world.js";

/** The radios that a phone has, and its screen. */
export type Way = Exclude<Link, "other">;
export type Radio = Exclude<Way, "qr">;

export interface TapOptions {
	readonly crypto: Crypto;
	readonly link: Way;
	readonly phone: PhoneKind;
	readonly suite: number;
	readonly seed: number;
	/** How the phone behaves over BLE. */
	readonly profile?: "ios" | "android";
	/** BLE: the phone has never been at this reader and must discover its service. */
	readonly first?: boolean;
	/** The phone was here before: this is its second tap, with the same credential. */
	readonly repeat?: boolean;
	/** How the PN532 is wired. */
	readonly bus?: WorldOptions["bus"];
	readonly pace?: WorldOptions["pace"];
	/** The reader's processor. */
	readonly cpu?: WorldOptions["cpu"];
	readonly start?: WorldOptions["start"];
	/** The reader is in a session with its site, and gets one plan of a thousand credentials behind the other. */
	readonly traffic?: boolean;
}

export type Actor = "phone" | "chip" | "reader" | "apdu" | "frame" | "door";

export interface Moment {
	/** Milliseconds since the phone came. */
	readonly at: number;
	readonly actor: Actor;
	readonly text: string;
	readonly bytes?: Uint8Array;
}

export interface TapResult {
	readonly decision: "granted" | "denied" | "none";
	readonly reason: Reason | "none";
	readonly link: Way;
	readonly phone: PhoneKind;
	readonly seed: number;
	readonly repeat: boolean;
	/** NFC: command-response pairs after anticollision. BLE: messages each way, in pairs. QR: none. */
	readonly exchanges: number;
	/** Bytes of the transaction both ways: APDUs, or frames; characters of a code. */
	readonly bytes: number;
	/** From the phone in the field (NFC), connected (BLE) or its screen at the scanner to the relay on, ms; `null` when it stayed off. */
	readonly relayOnMs: number | null;
	/** BLE: how the phone behaves, and whether it had to discover the service. */
	readonly profile?: "ios" | "android";
	readonly first?: boolean;
	/** BLE: exchange of MTUs, discovery where there is one, and subscription, ms of that time. */
	readonly setupMs?: number;
	/** Where that time went, ms; the parts add up to `relayOnMs` exactly. Absent where the relay stayed off. */
	readonly split?: Split;
	/** What the phone showed its user. */
	readonly shown: string;
	readonly timeline: readonly Moment[];
}

/** A reader is in a session by then, ms after its start. */
const SESSION_MS = 60_000;
/** How long a phone is held to the reader at most, ms. */
const HELD_MS = 6000;

/** Between two taps of one phone, ms, besides the moment at which the seed has it come; a code is taken once, and comes with the next. */
const AWAY_MS = 1000;

/** A tap in a world of its own. */
export function runTap(options: TapOptions): TapResult {
	const world = openDoor(options);
	if (options.repeat) {
		visit(world, options);
		world.time.run((options.link === "qr" ? 1000 * CODE_LIFE_S : AWAY_MS) + ((options.seed * 331) % 97));
	}
	return visit(world, options);
}

/** A reader with its plan that polls, before anyone comes. */
export function openDoor(options: TapOptions): World {
	const world = new World({
		seed: options.seed,
		crypto: options.crypto,
		suite: options.suite,
		...(options.bus ? { bus: options.bus } : {}),
		...(options.cpu ? { cpu: options.cpu } : {}),
		...(options.pace ? { pace: options.pace } : {}),
		...(options.start ? { start: options.start } : {}),
		server: options.traffic === true || options.link === "qr",
		...(options.link === "qr" && { configuration: { scanner: { model: "gm861" } } }),
	});
	world.plan.install();
	world.powerOn();
	if (!world.settle()) throw new Error("the reader does not poll");
	if (world.server !== undefined && !world.time.runUntil(() => world.server!.hello !== undefined, SESSION_MS))
		throw new Error("the reader has no session");
	if (options.link === "qr") world.time.run(1000 * CODE_LIFE_S);
	if (options.traffic) {
		keepPlansComing(world);
		// A plan takes some 2 s, and a tap falls anywhere into it.
		world.time.run((options.seed * 331) % 2000);
	}
	// People come at any time, not at a certain point of the reader's poll.
	world.time.run(200 + (options.seed % 97));
	return world;
}

/** A person comes to the reader of this world and goes. */
export function visit(world: World, options: TapOptions): TapResult {
	if (options.link === "qr") return showCode(world, options);
	return options.link === "nfc" ? tapNfc(world, options) : tapBle(world, options);
}

/** Collects what happens around one visit. */
class Recorder {
	readonly moments: Moment[] = [];
	readonly start: number;
	readonly spans = new Spans();
	/** µs of the world. */
	relayOn: number | undefined;
	readonly #world: World;
	/** When the reader's last frame on the air began, and when the air was quiet after it, µs. */
	#asked = 0;
	#quiet = 0;
	#found = false;
	#verified = 0;

	constructor(world: World) {
		this.#world = world;
		world.onStretch = (stretch, _, micros) => {
			this.spans.add("reader", world.time.micros - micros, world.time.micros);
			this.compute(stretch.slice(0, stretch.indexOf(">")));
		};
		world.onTrace = (text) => {
			// It is told after the relay was switched, but was decided before.
			const at = this.relayOn === undefined ? this.at() : (this.relayOn - this.start) / 1000;
			this.moments.push({ at, actor: "reader", text: `decides: ${text}` });
		};
		this.start = world.time.micros;
		world.door.relay.watch(() => {
			const on = world.door.relay.on;
			if (on) this.relayOn ??= world.time.micros;
			this.add("door", on ? "relay on: the strike is released" : "relay off");
		});
	}

	at(): number {
		return (this.#world.time.micros - this.start) / 1000;
	}

	/** A frame on the air begins. The phone is found by the first that it answers, and computes from the end of one to its answer. */
	air({ from, at, bytes, note }: TraceEntry): void {
		const bits = note?.endsWith("bits") ? Number.parseInt(note, 10) : 8 * bytes.length;
		const end = at + airMicros(bits);
		if (from === "reader") this.#asked = at;
		else if (this.#found) this.spans.add("phone", this.#quiet, at);
		else {
			this.#found = true;
			this.spans.add("poll", this.start, this.#asked);
		}
		this.spans.add("air", at, end);
		this.#quiet = end;
	}

	/** Bytes on the bus; a long frame leaves the host's FIFO in pieces, which are shown as one. */
	bus(from: "host" | "chip", at: number, bytes: Uint8Array, note?: string): void {
		const last = this.moments.at(-1);
		const goes = from === "host" ? "to the PN532" : "from the PN532";
		if (last?.actor === "chip" && last.text === goes && last.bytes && bytes[0] !== 0 && bytes[0] !== 0x55)
			this.moments[this.moments.length - 1] = { ...last, bytes: concat(last.bytes, bytes) };
		else this.moments.push({ at, actor: "chip", text: note ?? goes, bytes });
	}

	/** The reader's public-key work, in the words of the transaction. */
	compute(call: string): void {
		const words = {
			x25519: "agrees on keys (X25519)",
			ed25519Sign: "signs message_2 (Ed25519)",
			p256KeyPair: "makes a key to agree with (P-256)",
			p256SharedSecret: "agrees on keys (P-256)",
			p256Sign: "signs message_2 (P-256)",
			p256Verify: "verifies the phone's signature (P-256)",
			ed25519Verify: "verifies the phone's signature (Ed25519)",
		} as const;
		if (!(call in words)) return;
		let text: string = words[call as keyof typeof words];
		if (call.endsWith("Verify") && this.#verified++ > 0)
			text = "verifies the site's signature on the credential";
		this.add("reader", text);
	}

	add(actor: Actor, text: string, bytes?: Uint8Array): void {
		this.moments.push({ at: this.at(), actor, text, ...(bytes ? { bytes: bytes.slice() } : {}) });
	}
}

function tapNfc(world: World, options: TapOptions): TapResult {
	const recorder = new Recorder(world);
	const before = world.auditor.decisions().length;
	const [shown, exchanged] = [world.phones.results.length, world.phones.exchanges.length];
	recorder.add("phone", `a phone comes into the field (${options.phone})`);
	world.board.trace.onEntry = (entry) => {
		const { from, bytes, at, note } = entry;
		if (from === "host" || from === "chip") recorder.bus(from, (at - recorder.start) / 1000, bytes, note);
		else if (from !== "pin") recorder.air(entry);
	};
	const phone = world.phones.nfc(options.phone, ({ command, response }) => {
		recorder.add("apdu", "command", command);
		recorder.add("apdu", "answer", response);
	});
	world.board.field.present(phone);
	world.time.runUntil(() => world.phones.results.length > shown, HELD_MS);
	// The last answer is on its way back.
	world.time.run(50);
	world.board.trace.onEntry = undefined;
	world.board.field.remove(phone);
	world.time.run(6000);
	const exchanges = world.phones.exchanges.slice(exchanged);
	return summary(world, options, recorder, before, shown, {
		...timesOf(recorder, "bus"),
		exchanges: exchanges.length,
		bytes: exchanges.reduce((sum, e) => sum + e.command.length + e.response.length, 0),
	});
}

function showCode(world: World, options: TapOptions): TapResult {
	const recorder = new Recorder(world);
	const before = world.auditor.decisions().length;
	const page = world.page(options.phone);
	const code = page.at(world.seconds);
	recorder.add("phone", `a phone shows its code to the scanner (${options.phone})`);
	world.qr!.see(() => page.at(world.seconds));
	world.time.runUntil(() => world.auditor.decisions().length > before, HELD_MS);
	world.qr!.see(undefined);
	recorder.spans.add("poll", recorder.start, world.scanner.sent);
	world.time.run(6000);
	return summary(world, options, recorder, before, world.phones.results.length, {
		...timesOf(recorder, "bus"),
		exchanges: 0,
		bytes: code.length,
	});
}

function tapBle(world: World, options: TapOptions): TapResult {
	const recorder = new Recorder(world);
	const before = world.auditor.decisions().length;
	const shown = world.phones.results.length;
	const { profile = "ios", first = false } = options;
	let bytes = 0;
	let messages = 0;
	recorder.add("phone", `a phone comes to the reader (${options.phone})`);
	const phone = world.phones.ble(options.phone, {
		profile: profile === "android" ? ANDROID : IOS,
		known: !first,
		onFrame: (direction, frame) => {
			bytes += frame.length;
			if (frame[0]! & 0x40) messages++;
			recorder.add("frame", direction === "to-reader" ? "from the phone" : "to the phone", frame);
		},
		onWork: (micros) => recorder.spans.add("phone", world.time.micros, world.time.micros + micros),
	});
	phone.start();
	world.time.runUntil(() => world.phones.results.length > shown, 12_000);
	world.time.run(6000);
	const { connected, subscribed } = phone.times;
	// Whatever the reader does until then, the phone's requests wait for connection events.
	recorder.spans.add("air", connected * 1000, subscribed * 1000);
	return summary(world, options, recorder, before, shown, {
		...timesOf(recorder, "air", Math.round(connected * 1000)),
		setupMs: round(subscribed - connected),
		...{ exchanges: messages / 2, bytes, profile, first },
	});
}

/** From the phone's coming to the relay on, and where that time went; what nothing else accounts for is `rest`'s. */
function timesOf(
	{ relayOn, spans, start }: Recorder,
	rest: Part,
	from = start,
): Pick<TapResult, "relayOnMs" | "split"> {
	if (relayOn === undefined) return { relayOnMs: null };
	return { relayOnMs: round((relayOn - from) / 1000), split: spans.split(from, relayOn, rest) };
}

function summary(
	world: World,
	options: TapOptions,
	recorder: Recorder,
	before: number,
	earlier: number,
	more: Pick<TapResult, "exchanges" | "bytes" | "relayOnMs" | "setupMs" | "split" | "profile" | "first">,
): TapResult {
	const decision = world.auditor.decisions()[before];
	const shown = world.phones.results[earlier];
	return {
		decision: decision === undefined ? "none" : decision.granted ? "granted" : "denied",
		reason: decision?.reason ?? "none",
		link: options.link,
		phone: options.phone,
		seed: options.seed,
		repeat: options.repeat === true,
		...more,
		shown:
			shown === undefined
				? "nothing"
				: shown.kind === "decision"
					? (shown.decision?.reason ?? "granted")
					: shown.error.message,
		timeline: recorder.moments,
	};
}

function round(ms: number): number {
	return Math.round(ms * 10) / 10;
}
