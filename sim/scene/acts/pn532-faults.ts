// SPDX-License-Identifier: Apache-2.0

import type { Bus } from "../../pn532/board.js";
import type { Faults } from "../../pn532/faults.js";

/** A field bug of `sim/pn532/faults.ts` as it is offered to break things with. */
export interface FieldBug {
	/** The switch. */
	readonly name: keyof Faults & string;
	/** What the chip does. */
	readonly does: string;
	/** Where it was seen. */
	readonly source: string;
	/** It strikes so many times, or it is there or not. */
	readonly kind: "times" | "lasting";
	/** What a lasting one is set to. */
	readonly set?: Partial<Faults>;
	/** It is of boards that are wired like this alone; absent: of all. */
	readonly bus?: readonly Bus[];
}

export const FIELD_BUGS: readonly FieldBug[] = Object.freeze([
	times("loseAck", "does not acknowledge a command, and runs it", "libnfc PR 429"),
	times("loseReply", "does not send its reply", "libnfc PR 429"),
	times("replyBeforeAck", "sends its reply before the ACK", "clones; go-pn532"),
	times("errorFrame", "answers by an error frame", "nfcpy, elechouse"),
	times("truncateReply", "cuts its reply off", "ESP32 UART overrun"),
	times("badChecksum", "sends a wrong checksum", "UM0701-02 6.2.1"),
	times("badLengthChecksum", "sends a wrong checksum of the length", "UM0701-02 6.2.1"),
	times("wrongCode", "answers another command", "libnfc pn532_uart"),
	times("emptyReply", "leaves its reply empty", "clones; go-pn532"),
	times("doubleTfi", "sends D5 twice", "clones; go-pn532"),
	{ ...times("repeatReply", "sends its reply twice", "go-pn532"), bus: ["hsu"] },
	times(
		"samForVersion",
		"answers the question of its version as if it were SAMConfiguration",
		"clones; go-pn532",
	),
	lasting("junk", "sends bytes in front of each frame", "node-pn532", {
		junk: Uint8Array.of(0xff, 0x00, 0x80),
	}),
	lasting("split", "sends its frames in pieces", "USB adapters", { split: 3 }, ["hsu"]),
	lasting("slow", "takes 40 ms more for each command", "clones", { slow: 40_000 }),
	lasting("deafAfterAbort", "misses what comes within 10 ms of an abort", "libnfc 167", {
		deafAfterAbort: 10_000,
	}),
	times("loseCommand", "does not notice a command", "libnfc 167"),
	lasting("silentWithoutTag", "says nothing while there is no card", "clones; go-pn532", {
		silentWithoutTag: true,
	}),
	times("status", "ends an exchange with a card by status 0B", "apple-home-key-reader 29"),
	lasting("nad", "sets the bit NAD of each status", "libnfc pn53x.c: abort()", { nad: true }),
	lasting("endlessMore", "says each time that more comes", "libnfc pn53x.c: unbounded loop", {
		endlessMore: true,
	}),
	lasting("shortData", "cuts what a card says to 8 bytes", "Adafruit_PN532 38, 124", { shortData: 8 }),
	lasting("silentAfter", "goes silent until it is reset", "HomeKey-ESP32 125, Tasmota 14236", {
		silentAfter: 0,
		cure: "reset",
	}),
	lasting("cure", "goes silent until its power is cut", "rpieasy 71", { silentAfter: 0, cure: "power" }),
	{ ...times("spiGarbage", "gives garbage over SPI", "Adafruit_PN532 85"), bus: ["spi"] },
	lasting("spiReversed", "has its bits in reverse", "arduino-pico 1201", { spiReversed: true }, ["spi"]),
	lasting("stretch", "holds the clock of I2C for 20 ms", "hydrafw 141", { stretch: 20_000 }, ["i2c"]),
	lasting("sclStuck", "holds the clock of I2C for ever", "hydrafw 141", { sclStuck: true }, ["i2c"]),
	lasting("spiHz", "is at long wires, which carry 1.5 MHz", "pn532pi 17", { spiHz: 1_500_000 }, ["spi"]),
	lasting("irqStuck", "never moves its interrupt line", "a broken wire", { irqStuck: true }, ["spi", "i2c"]),
]);

/** Bugs that a reader of a scene does not meet, and why. */
export const UNSEEN: Partial<Readonly<Record<keyof Faults, string>>> = Object.freeze({
	keepStaleReply: "the reader resets the chip when it starts, and fetches each reply",
	ignoreBaudRate: "the reader's board stays at 115,200 baud",
	deafInPowerDown: "the reader never sends the chip to sleep",
	tail: "the reader reads no further than a frame",
});

/** Fields of `Faults` that only say how another one strikes. */
export const FAULT_PARAMETERS: readonly (keyof Faults)[] = Object.freeze([
	"truncateAt",
	"splitGap",
	"statusCode",
	"statusSkip",
]);

function times(name: FieldBug["name"], does: string, source: string): FieldBug {
	return Object.freeze({ name, does, source, kind: "times" });
}

function lasting(
	name: FieldBug["name"],
	does: string,
	source: string,
	set: Partial<Faults>,
	bus?: readonly Bus[],
): FieldBug {
	return Object.freeze({ name, does, source, kind: "lasting", set, ...(bus && { bus }) });
}
