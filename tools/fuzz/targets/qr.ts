// SPDX-License-Identifier: Apache-2.0

/** What a scanner reads, and what it sends: anybody may show it anything. */
import { GM861 } from "../../../drivers/qr/gm861.js";
import { LineScanner } from "../../../drivers/qr/lines.js";
import { MAX_TEXT, type ScannerEvents } from "../../../drivers/qr/text-port.js";
import type { SerialClass, SerialOptions } from "../../../hal/contracts/io.js";
import { concat, utf8Encode } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CoseError } from "../../../protocol/credential/cose.js";
import { decodeBase45 } from "../../../protocol/qr/base45.js";
import { CODE_LIFE_S, decodeCode, MAX_CODE, MAX_CODE_TEXT } from "../../../protocol/qr/code.js";
import { SimStateCell } from "../../../sim/flash.js";
import { SETUP_CODES } from "../../../sim/scanner/gm861.js";
import { QrPage } from "../../../sim/scanner/page.js";
import { DEVICE_KEY } from "../../../sim/self.js";
import { EPOCH } from "../../../sim/site.js";
import { VirtualTime } from "../../../sim/time.js";
import { Codes } from "../../../src/schemes/qr/codes.js";
import { Uses } from "../../../src/schemes/qr/uses.js";
import { type FuzzTarget, never, target, typed } from "../target.js";
import { crypto, phone, site } from "../world.js";

const page = new QrPage(site, phone, crypto);
const counted = new QrPage(site, phone, crypto, { audience: "front", count: 3 });
const texts = [page.at(EPOCH), page.at(EPOCH + 15), counted.at(EPOCH), ...Object.keys(SETUP_CODES)];
const text = texts.map(utf8Encode);
const code = text[0]!.slice();
const decoded = code.slice(0, decodeBase45(code, code.length));

/** What a reader makes of a text at a door whose clock stands at `EPOCH`; the decision is that of the plan, always yes. */
const cell = new SimStateCell();
const codes = new Codes({
	clock: { now: () => 1000 * CODE_LIFE_S, alarm: () => new VirtualTime().alarm(() => undefined) },
	wall: { now: () => EPOCH, trust: () => "synced", set: () => undefined },
	...{ crypto, site, door: "front" },
	uses: new Uses({ cell: () => cell, crypto, deviceKey: DEVICE_KEY, anchor: new Uint8Array(8) }),
	events: {
		onIdentity: (identity) => {
			identity.admit?.();
			if (identity.id.length !== 8) throw new Error("an id that none can be");
			return { granted: true, reason: "granted" };
		},
		onRefused: () => undefined,
	},
});
const shown = new Uint8Array(MAX_TEXT);

/** A port on which the input lands in pieces. */
function portOf(input: Uint8Array): { io: SerialClass; feed: () => void } {
	let options: SerialOptions | undefined;
	let at = 0;
	class Port {
		format = "buffer" as const;

		constructor(given: SerialOptions) {
			options = given;
		}

		read(into: Uint8Array): number | undefined {
			const part = input.subarray(at, at + into.length);
			into.set(part);
			at += part.length;
			return part.length || undefined;
		}

		write(): void {}

		close(): void {}
	}
	return { io: Port, feed: () => options!.onReadable!(input.length) };
}

const events: ScannerEvents = {
	onText: (_, length) => {
		if (length <= 0 || length > MAX_TEXT) throw new Error(`a text of ${length} characters`);
	},
	onState: () => undefined,
};
const framed = text.map((one) => concat(Uint8Array.of(3, one.length >> 8, one.length & 255), one));
const answers = Uint8Array.of(...[2, 0, 0, 1, 3, 0x33, 0x31], ...[2, 0, 0, 1, 0x3e, 0xe4, 0xac]);

export const QR_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("base45", text, never, (input) => {
		const { length } = input;
		const bytes = decodeBase45(input.slice(), length);
		if (bytes > length) throw new Error("more bytes than characters");
	}),
	target("qr-code", [decoded], typed(CborError, CoseError), (input) => {
		decodeCode(input);
		if (input.length > MAX_CODE) throw new Error("longer than a code can be");
	}),
	target(
		"scanner-text",
		text,
		never,
		(input) => {
			const length = Math.min(input.length, MAX_TEXT);
			shown.set(input.subarray(0, length));
			codes.show(shown, length);
			if (MAX_CODE_TEXT > MAX_TEXT) throw new Error("a code that no scanner can bring");
		},
		{ share: 0.2 },
	),
	target("scanner-frames", [...framed, answers, concat(answers, ...framed)], never, (input) => {
		const { feed, io } = portOf(input);
		new GM861(new VirtualTime(), { io }, 9600, events);
		feed();
	}),
	target(
		"scanner-lines",
		[concat(...text.map((one) => concat(one, Uint8Array.of(13, 10))))],
		never,
		(input) => {
			const { feed, io } = portOf(input);
			new LineScanner({ io }, 9600, events);
			feed();
		},
	),
]);
