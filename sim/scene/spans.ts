// SPDX-License-Identifier: Apache-2.0

import { REASONS, type Reason } from "../../protocol/reasons.js";
import { syncName } from "./decode/sync-names.js";
import type { Observation } from "./observe.js";
import type { Plaintexts } from "./plaintexts.js";
import { type Part, type Span, SpanRecorder } from "./span.js";
import { BleSpans } from "./spans/ble.js";
import { BusSpans } from "./spans/bus.js";
import { ComputeSpans } from "./spans/compute.js";
import { FlashSpans } from "./spans/flash.js";

export { LANES, type Lane, type Part, type Span } from "./span.js";

type Of<K extends Observation["kind"]> = Extract<Observation, { readonly kind: K }>;

/** A decision as the reader's trace has it: link, reason, and of a refusal why. */
const DECIDED = /^(nfc|ble|qr): ([a-z-]+)(?:: (.*))?$/;
/** A decision and its record in the log are this near to each other, µs. */
const BESIDE = 5000;
/** A code that is seen again within this time, µs, is still there. */
const AGAIN = 1_000_000;
const BY: Readonly<Record<string, string>> = {
	nfc: "at the reader",
	ble: "by Bluetooth",
	qr: "at the scanner",
};

/** What is seen in a world, as spans. */
export class Spans {
	readonly #recorder: SpanRecorder;
	readonly #bus: BusSpans;
	readonly #compute: ComputeSpans;
	readonly #flash: FlashSpans;
	readonly #phones = new Map<string, BleSpans>();
	/** Who is there. */
	readonly #there = new Map<string, Span>();
	#relay: Span | undefined;
	#shown: { readonly text: string; span: Span } | undefined;
	/** The last decision, and the last record of one: each has the other beside it, in either order. */
	#decided: Span | undefined;
	#record: { readonly part: Part; readonly at: number } | undefined;

	/** `plaintexts`: whose crypto the world has. */
	constructor(tell: (span: Span) => void, plaintexts?: Plaintexts) {
		const recorder = new SpanRecorder(tell, plaintexts);
		this.#recorder = recorder;
		this.#bus = new BusSpans(recorder);
		this.#compute = new ComputeSpans(recorder);
		this.#flash = new FlashSpans(recorder, (record) => this.#recorded(record));
	}

	take(observation: Observation): void {
		this.#recorder.now = observation.at;
		switch (observation.kind) {
			case "bus":
				this.#bus.take(observation);
				break;
			case "frame":
				this.#frame(observation);
				break;
			case "code":
				this.#code(observation.text);
				break;
			case "compute":
				this.#compute.take(observation.call, observation.micros, this.#bus.idle);
				break;
			case "trace":
				this.#traced(observation.text);
				break;
			case "relay":
				this.#switched(observation.on);
				break;
			case "present":
				this.#present(observation);
				break;
			case "flash":
				this.#flash.take(observation.partition, observation.change);
				break;
			case "network":
				this.#published(observation);
				break;
			case "apdu":
				// The bus has it, with its time.
				break;
		}
	}

	#present({ by, came, who }: Of<"present">): void {
		const key = `${who} ${by}`;
		const span = this.#there.get(key);
		if (span !== undefined) this.#recorder.end(span);
		this.#there.delete(key);
		this.#phones.delete(who);
		if (came) this.#there.set(key, this.#recorder.begin("field", who, { detail: BY[by] }));
	}

	#frame({ bytes, from, who }: Of<"frame">): void {
		const phone = this.#phones.get(who) ?? new BleSpans(this.#recorder);
		this.#phones.set(who, phone);
		phone.take(from, bytes);
	}

	/** A scanner sees the same code again and again. */
	#code(text: string): void {
		const { now } = this.#recorder;
		if (this.#shown?.text === text && now - this.#shown.span.to < AGAIN) {
			this.#shown.span = this.#recorder.change(this.#shown.span, { to: now });
			return;
		}
		const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
		const parts = [this.#recorder.part("code", "qr", bytes)];
		const title = `a code of ${text.length} characters`;
		this.#shown = { text, span: this.#recorder.add("transaction", { title, parts }) };
	}

	#traced(text: string): void {
		const [, link, reason, why] = DECIDED.exec(text) ?? [];
		if (reason === undefined || !Object.hasOwn(REASONS, reason)) return;
		const title = reason === "granted" ? "granted" : `denied: ${reason}`;
		const detail = `${BY[link!]}${why === undefined ? "" : `: ${why}`}`;
		const record = this.#near(this.#record?.at) ? this.#record : undefined;
		this.#record = undefined;
		// It was made when it was in the log: the relay has moved since.
		const at = record?.at ?? this.#recorder.now;
		const fields = { from: at, to: at, title, detail, reason: reason as Reason };
		const span = this.#recorder.add("decision", { ...fields, parts: record && [record.part] });
		this.#decided = record ? undefined : span;
	}

	#recorded(part: Part): void {
		const decided = this.#decided;
		this.#decided = undefined;
		if (decided !== undefined && this.#near(decided.to)) this.#recorder.change(decided, { parts: [part] });
		else this.#record = { part, at: this.#recorder.now };
	}

	#near(at: number | undefined): boolean {
		return at !== undefined && this.#recorder.now - at <= BESIDE;
	}

	#switched(on: boolean): void {
		if (on) this.#relay = this.#recorder.begin("relay", "the relay is on");
		else if (this.#relay !== undefined) this.#recorder.end(this.#relay);
	}

	#published({ data, topic }: Of<"network">): void {
		const level = topic.slice(topic.lastIndexOf("/") + 1);
		const from = level === "u" ? "the reader says" : level === "d" ? "the site says" : undefined;
		const part = this.#recorder.part(topic, from ? "sync" : "signed", data);
		const name = from ? syncName(data, part.plain) : level;
		const detail = from ?? "for all doors, retained";
		// Nothing takes the place of what was retained (MQTT 3.1.1, 3.3.1.3).
		if (data.length === 0) this.#recorder.add("network", { title: `${name} is taken back`, detail });
		else this.#recorder.add("network", { title: `${name}, ${data.length} bytes`, detail, parts: [part] });
	}
}
