// SPDX-License-Identifier: Apache-2.0

/**
 * Everything a PN532, its clones and its wires are known to do wrong, as switches. Numbers named "next" count down as
 * they strike: 1 once, Infinity always. All off at first. Sources: issue trackers of the projects named.
 */
export class Faults {
	// Frames the chip sends.
	/** Next ACKs that are not sent; the command runs (libnfc PR 429: resend after 15 ms). */
	loseAck = 0;
	/** Next replies that are not sent. */
	loseReply = 0;
	/** Next replies sent before their ACK (clones; go-pn532). */
	replyBeforeAck = 0;
	/** Next replies that are an error frame. */
	errorFrame = 0;
	/** Next replies cut off after `truncateAt` bytes, checksum and all. */
	truncateReply = 0;
	truncateAt = 9;
	/** Next replies with a wrong DCS. */
	badChecksum = 0;
	/** Next replies with a wrong LCS. */
	badLengthChecksum = 0;
	/** Next replies whose code belongs to another command. */
	wrongCode = 0;
	/** Next replies that hold nothing after TFI and code (clones; go-pn532). */
	emptyReply = 0;
	/** Next replies with a second D5 in front of their data (clones; go-pn532). */
	doubleTfi = 0;
	/** Next replies that are sent twice. */
	repeatReply = 0;
	/** Next GetFirmwareVersions answered by what SAMConfiguration answers: D5 15 (clones; go-pn532). */
	samForVersion = 0;
	/** Bytes in front of every frame of the chip. */
	junk: Uint8Array | undefined;
	/** Frames come in pieces of this many bytes; 0: whole. */
	split = 0;
	/** Pause between the pieces, µs. */
	splitGap = 3000;
	/** Added to every command's time, µs. */
	slow = 0;

	// Commands.
	/** Commands that come sooner than this after an abort are lost, µs (libnfc #167). */
	deafAfterAbort = 0;
	/** Next commands that the chip does not notice. */
	loseCommand = 0;
	/** A reply that was not fetched is kept across new commands (host restart; esphome/issues 3281). SPI and I2C. */
	keepStaleReply = false;
	/** InListPassiveTarget and InAutoPoll say nothing when there is no card (clones). */
	silentWithoutTag = false;
	/** Stays at its rate on SetSerialBaudRate, though it says yes. */
	ignoreBaudRate = false;
	/** HSU does not wake the chip from PowerDown (nfcpy #186). */
	deafInPowerDown = false;

	// Exchanges with a card (InDataExchange).
	/** Next exchanges that end with this status instead of going to the card; after `statusSkip` good ones. */
	status = 0;
	statusCode = 0x0b;
	statusSkip = 0;
	/** Every status byte has NAD, 0x80, set (libnfc calls abort() on it). */
	nad = false;
	/** Every status byte has MI, 0x40, set: a chain that never ends. */
	endlessMore = false;
	/** Data of every exchange cut to this many bytes, with success; 0: off (Adafruit #38, #124). */
	shortData = 0;

	// The whole chip.
	/** Works for this many more commands, then is silent (HomeKey-ESP32 #125, Tasmota #14236); Infinity: never. */
	silentAfter = Number.POSITIVE_INFINITY;
	/** What brings it back: its reset pin, or only its power (rpieasy #71). */
	cure: "reset" | "power" = "reset";

	// SPI and I2C.
	/** Next bytes read over SPI that are garbage (Adafruit #85: 00 3F DF FF E9 AF for an ACK). */
	spiGarbage = 0;
	/** The wires or the core reverse the bit order once more (arduino-pico #1201). */
	spiReversed = false;
	/** What the wires carry, Hz: above it bytes are garbage (pn532pi #17). The chip takes 5 MHz (data sheet, 8.3.5). */
	spiHz = 5_000_000;
	/** The chip holds SCL for longer than it does anyhow (`Costs.stretch`), µs. */
	stretch = 0;
	/** The chip holds SCL low and does not let go (hydrafw #141), until `cure`. */
	sclStuck = false;
	/** What comes after a frame when the host reads on over I2C (hydrafw #141). */
	tail: Uint8Array | undefined;
	/** IRQ never moves (wire broken). */
	irqStuck = false;

	/** Strikes once where the number is not used up. */
	take(name: NextFault): boolean {
		if (this[name] <= 0) return false;
		this[name]--;
		return true;
	}

	/** All off again. */
	clear(): void {
		Object.assign(this, new Faults());
	}
}

export type NextFault =
	| "loseAck"
	| "loseReply"
	| "replyBeforeAck"
	| "errorFrame"
	| "truncateReply"
	| "badChecksum"
	| "badLengthChecksum"
	| "wrongCode"
	| "emptyReply"
	| "doubleTfi"
	| "repeatReply"
	| "samForVersion"
	| "loseCommand"
	| "status"
	| "spiGarbage";
